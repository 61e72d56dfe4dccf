"""All guards, in the order in which a call meets them."""

from tests.mutants.guard import Guard
from tests.mutants.of_arming import ARMING
from tests.mutants.of_claiming import CLAIMING
from tests.mutants.of_history import HISTORY
from tests.mutants.of_intake import INTAKE
from tests.mutants.of_parking import PARKING
from tests.mutants.of_proof import PROOF
from tests.mutants.of_restore import RESTORE
from tests.mutants.of_sending import SENDING
from tests.mutants.of_states import STATES

GUARDS: tuple[Guard, ...] = (
    *INTAKE,
    *STATES,
    *CLAIMING,
    *ARMING,
    *SENDING,
    *PARKING,
    *HISTORY,
    *PROOF,
    *RESTORE,
)
