"""Whether agents go live, and that nobody's "stop calling" is lost on the way."""

import pytest

from provision.plan import Drift, Verb
from provision.state import Intent, Leaving, State
from tests.provision.drafting.scenes import agent, drafted, known, manifest, seen, state, upstream
from tests.provision.workbench import did

DESK = "agents.desk"


def test_an_agent_that_somebody_took_off_duty_stays_so_when_it_is_replaced() -> None:
    made = drafted(
        manifest(agent(type="INBOUND")), state(agents_desk=known()), upstream(seen(onDuty=False))
    )
    assert did(made) == [
        (Verb.REPLACE, DESK),
        (Verb.DEPLOY, DESK),
        (Verb.OFF_DUTY, DESK),
        (Verb.DELETE, DESK),
    ]


@pytest.mark.parametrize("on_duty", [True, None])
def test_an_agent_on_duty_is_replaced_by_one_on_duty(*, on_duty: bool | None) -> None:
    made = drafted(
        manifest(agent(type="INBOUND", on_duty=on_duty)),
        state(agents_desk=known()),
        upstream(seen()),
    )
    assert [verb for verb, _ in did(made)] == [Verb.REPLACE, Verb.DEPLOY, Verb.DELETE]


def test_the_manifest_can_put_the_new_one_on_duty() -> None:
    made = drafted(
        manifest(agent(type="INBOUND", on_duty=True)),
        state(agents_desk=known()),
        upstream(seen(onDuty=False)),
    )
    assert [verb for verb, _ in did(made)] == [Verb.REPLACE, Verb.DEPLOY, Verb.DELETE]


def replaced(*, off_duty: bool) -> State:
    new = known().model_copy(update={"id": "agent_2"})
    return state(agents_desk=known()).with_entry(DESK, new, off_duty=off_duty)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("off_duty", [True, False])
def test_a_replacement_that_was_interrupted_goes_on_off_duty(
    *, off_duty: bool, live: bool
) -> None:
    new = seen("agent_2") if live else seen("agent_2", phoneNumber=None, onDuty=None)
    # The old one is taken off duty before it is deleted: what it is now doesn't tell.
    found = upstream(new, seen(onDuty=False))
    made = drafted(manifest(agent()), replaced(off_duty=off_duty), found)
    assert ((Verb.OFF_DUTY, DESK) in did(made)) is off_duty


def test_a_recovered_replacement_stays_off_duty_too() -> None:
    intent = Intent(
        known_ids=("agent_1",), match={"name": "Desk", "type": "INBOUND"}, sent=known().sent
    )
    kept = state(agents_desk=known()).with_intent(DESK, intent)
    new = seen("agent_2", type="INBOUND", phoneNumber=None, onDuty=None)
    found = upstream(new, seen(onDuty=False))
    made = drafted(manifest(agent(type="INBOUND")), kept, found)
    assert [verb for verb, _ in did(made)] == [
        Verb.ADOPT,
        Verb.DEPLOY,
        Verb.OFF_DUTY,
        Verb.DELETE,
    ]


def test_a_human_who_takes_an_agent_off_duty_is_left_alone() -> None:
    kept = state(agents_desk=known(duty=True))
    assert did(drafted(manifest(agent()), kept, upstream(seen(onDuty=False)))) == []


def test_duty_that_was_changed_against_the_manifest_is_said_to_be() -> None:
    kept = state(agents_desk=known(duty=True))
    made = drafted(manifest(agent(on_duty=True)), kept, upstream(seen(onDuty=False)))
    assert did(made) == [(Verb.ON_DUTY, DESK)]
    assert made.changes[0].reason == "because its duty was changed outside"


def test_a_deployment_that_was_lost_is_drift() -> None:
    kept = state(agents_desk=known(duty=True))
    made = drafted(manifest(agent()), kept, upstream(seen(phoneNumber=None, onDuty=None)))
    assert did(made) == [(Verb.DEPLOY, DESK)]
    assert [one.drift for one in made.drift] == [Drift.CHANGED]
    assert made.changes[0].reason == "because it is no longer live"


def test_a_first_deployment_is_no_drift() -> None:
    kept = state(agents_desk=known())
    made = drafted(manifest(agent()), kept, upstream(seen(phoneNumber=None, onDuty=None)))
    assert did(made) == [(Verb.DEPLOY, DESK)]
    assert made.drift == ()


def test_what_is_kept_of_a_replaced_agent_is_its_duty() -> None:
    assert replaced(off_duty=True).leaving == (Leaving(address=DESK, id="agent_1", off_duty=True),)
