"""What a folder holds after a kill: of a call and all that came with it, all or nothing."""

from pathlib import Path

import pytest

from sandbox.calls import Call
from sandbox.clock import VirtualClock
from sandbox.exchange import Exchange, Order
from sandbox.model.agents import Agent
from sandbox.model.calendar import Appointment
from sandbox.model.tenants import Business
from sandbox.script import Outcome
from sandbox.state import Sandbox
from sandbox.talk.persona import Wish


def opened(folder: Path) -> Sandbox:
    """A sandbox in which everybody wants an appointment."""
    sandbox = Sandbox(clock=VirtualClock(), seed=7, folder=folder)
    sandbox.tuning.mix = {Outcome.ANSWERED_INTERESTED: 1.0}
    sandbox.tuning.wishes = {Wish.APPOINTMENT: 1.0}
    return sandbox


def rung(sandbox: Sandbox, phone: str) -> Call:
    """A call that books."""
    business = sandbox.world.find(Business, "biz_demo")
    agent = sandbox.world.find(Agent, "agent_demo")
    assert business is not None
    assert agent is not None
    order = Order(
        business=business,
        agent=agent,
        agent_number="+12125550100",
        phone=phone,
        context="A leaking tap",
        name="Ann Bee",
    )
    return Exchange(sandbox=sandbox).ring(order, answered="200")


def test_a_call_is_written_down_with_its_appointment_and_its_agent_or_not_at_all(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "journal.jsonl"
    sandbox = opened(tmp_path)
    before = journal.read_bytes()
    call = rung(sandbox, "+12125550123")
    booked = sandbox.world.every(Appointment)
    assert [appointment.call_id for appointment in booked] == [call.id]
    sandbox.close()
    written = journal.read_bytes().removeprefix(before)
    assert written.count(b"\n") == 1

    whole = opened(tmp_path)
    assert whole.calls.get(call.id) == call
    assert whole.world.every(Appointment) == booked
    assert whole.briefs.find(call.brief) == sandbox.briefs.find(call.brief)
    whole.close()

    # As a process leaves it that is killed while it writes the line.
    journal.write_bytes(before + written[:-20])
    torn = opened(tmp_path)
    assert len(torn.calls) == 0
    assert torn.world.every(Appointment) == []
    torn.close()


def rename_and_fail(sandbox: Sandbox, renamed: Business) -> None:
    """Make a mistake half-way through what is to be kept as one."""
    with sandbox.as_one():
        sandbox.world.put(renamed)
        raise KeyError(renamed.id)


def test_what_was_changed_before_a_mistake_is_kept(tmp_path: Path) -> None:
    sandbox = opened(tmp_path)
    business = sandbox.world.find(Business, "biz_demo")
    assert business is not None
    renamed = business.model_copy(update={"name": "Renamed"})
    with pytest.raises(KeyError):
        rename_and_fail(sandbox, renamed)
    sandbox.world.put(renamed.model_copy(update={"id": "biz_later"}))
    sandbox.close()
    again = opened(tmp_path)
    assert again.world.find(Business, "biz_demo") == renamed
    assert again.world.find(Business, "biz_later") is not None
    again.close()
