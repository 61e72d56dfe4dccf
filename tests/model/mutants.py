"""Guards of the protocol that the model can take out, to show that its checker would notice."""

from enum import StrEnum


class Mutant(StrEnum):
    """One guard taken out; `NONE` is the protocol as it is."""

    NONE = "none"
    RETRY_UNKNOWN = "an unknown call is called again at once"
    ERRORS_REFUSE = "5xx and 409 are taken for refusals"
    NO_PROOF_OF_CLOSING = "a silent sender counts as closed from its arm on"
    NO_QUARANTINE = "calls go on after a restore as if nothing were lost"
    PLAIN_UPDATES = "states change whatever they were"
    NO_WATERMARKS = "the history counts as alive without watermarks"
    EARLY_WATERMARKS = "watermarks count from one lag after the closing, however short the lag"
    SETTLE_FROM_ARM = "settling counts from the arm, not from the closing"
    ONE_SWEEP = "one sweep is enough"
    INCOMPLETE_SWEEPS = "incomplete sweeps count"
    NO_CLOCK_CHECK = "nobody looks at the clocks after the arm"
    NO_FENCE = "any run may take back what another armed"
    NO_INDEX = "two open calls to one number are allowed"
    NO_GATES_AT_ARM = "the gates are not checked again at the arm"
    CONFLICT_ABSENT = "a 409 is no hint"
    FORGET_SILENT = "an armed call without an answer is left alone"
    FORGET_CLAIMS = "claims that nobody armed are left alone"
    WEAK_MATCH = "a call is found by its id alone"
