"""Every fault has a switch, and every setting that a switch offers is one that it takes."""

import pytest

from sandbox.control.switches import Setting, Switch, groups_of, lift_named, lift_spent
from sandbox.faults import FAULTS, FaultBook, FaultName, FaultOrder, Target

SWITCHES = {switch.name: switch for group in groups_of([]) for switch in group.switches}
SAMPLES = {"count": "2", "phone": "+12125550123", "agent_id": "agent_demo", "retry_after": "9"}


def _book() -> FaultBook:
    return FaultBook(seed=1, now=lambda: 0.0)


def _typed(setting: Setting) -> str:
    return SAMPLES.get(setting.name) or setting.default


def test_every_fault_has_one_switch() -> None:
    shown = [switch.name for group in groups_of([]) for switch in group.switches]
    assert sorted(shown) == sorted(FAULTS)


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=lambda switch: switch.name)
def test_a_switch_offers_what_its_fault_takes(switch: Switch) -> None:
    apart = {"phone", "agent_id", "route"}
    typed = {one.name: _typed(one) for one in switch.settings if one.name not in apart}
    order = FaultOrder.model_validate({"name": switch.name, **typed})
    for one in switch.settings:
        assert one.name in FaultOrder.model_fields
        if one.name in {"phone", "agent_id"}:
            route = "call" if Target.CALL in FAULTS[order.name].targets else "agents"
            FaultOrder.model_validate({"name": switch.name, "route": route, one.name: _typed(one)})
        for option in one.options:
            FaultOrder.model_validate({"name": switch.name, one.name: option})


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=lambda switch: switch.name)
def test_an_empty_field_means_what_it_shows(switch: Switch) -> None:
    order = FaultOrder.model_validate({"name": switch.name})
    shown = {one.name: one.default for one in switch.settings}
    for name in ("seconds", "status", "retry_after"):
        value = getattr(order, name)
        assert shown.get(name, "") == (
            "" if value is None else f"{value:g}" if name == "seconds" else str(value)
        )


def test_a_switch_is_on_while_one_of_its_faults_can_strike() -> None:
    book = _book()
    book.set(FaultOrder(name=FaultName.GARBLED, count=1))
    book.set(FaultOrder(name=FaultName.GARBLED, phone="+12125550123"))
    assert _switch(book).on
    book.strike({FaultName.GARBLED}, Target.CALL)
    assert [fault.left for fault in _switch(book).standing] == ["spent", "until switched off"]
    assert _switch(book).standing[1].on == "call +12125550123"
    assert _switch(book).hits == 1
    assert _switch(book).on
    lift_spent(book, FaultName.GARBLED)
    assert len(list(book)) == 1
    assert lift_named(book, FaultName.GARBLED) == 1
    assert not _switch(book).on


def test_lifting_leaves_other_faults_alone() -> None:
    book = _book()
    book.set(FaultOrder(name=FaultName.SLOW))
    spent = book.set(FaultOrder(name=FaultName.GARBLED, count=1))
    book.strike({FaultName.GARBLED}, Target.CALL)
    lift_spent(book, FaultName.SLOW)
    assert lift_named(book, FaultName.HANG) == 0
    assert spent in list(book)
    assert len(list(book)) == 2


def test_a_group_counts_what_is_on() -> None:
    book = _book()
    book.set(FaultOrder(name=FaultName.GARBLED))
    book.set(FaultOrder(name=FaultName.HISTORY_SLOW))
    on = {group.title: group.on for group in groups_of(book) if group.on}
    assert on == {"Calls": 1, "Call history": 1}


def _switch(book: FaultBook) -> Switch:
    found = [switch for group in groups_of(book) for switch in group.switches]
    return next(switch for switch in found if switch.name == FaultName.GARBLED)
