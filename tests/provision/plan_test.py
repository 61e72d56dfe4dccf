"""What a plan tells: no secret, a count of each kind, and digests of what it rests on."""

import json

from provision.plan import HIDDEN, Action, Difference, Drift, Drifted, Plan, Verb
from provision.secrecy import Secrecy
from provision.state import Kind

MARK = Secrecy(mask=lambda _: "", salt="00" * 16).keep("hunter2")


def action(verb: Verb, **more: object) -> Action:
    made = Action(address="tools.a", kind=Kind.TOOL, verb=verb, label="transferCall")
    return Action(**{name: getattr(made, name) for name in made.__slots__} | more)


def plan_of(*actions: Action, serial: int = 1, drift: tuple[Drifted, ...] = ()) -> Plan:
    return Plan(
        base_url="https://example.com/v1",
        business="biz_1",
        actions=actions,
        drift=drift,
        warnings=(),
        missing_scopes=(),
        salt="0" * 32,
        manifest_digest="0" * 64,
        state_serial=serial,
    )


def test_a_secret_is_hidden_on_both_sides_and_at_any_depth() -> None:
    changed = Difference.of("config", "config.url", MARK, [{"a": MARK, "b": "plain"}])
    assert (changed.before, changed.after) == (HIDDEN, [{"a": HIDDEN, "b": "plain"}])
    assert changed.secret


def test_nothing_becomes_no_secret_by_being_absent() -> None:
    added = Difference.of("config", "config.url", None, MARK)
    assert (added.before, added.after, added.secret) == (None, HIDDEN, True)
    plain = Difference.of("name", "name", "A", "B")
    assert (plain.before, plain.after, plain.secret) == ("A", "B", False)


def test_a_replacement_counts_once() -> None:
    made = plan_of(action(Verb.REPLACE), action(Verb.DELETE, replaced=True), action(Verb.NONE))
    assert made.summary == {Verb.REPLACE: 1, Verb.NONE: 1}
    assert [one.verb for one in made.changes] == [Verb.REPLACE, Verb.DELETE]


def test_a_plan_of_nothing_is_empty() -> None:
    assert plan_of(action(Verb.NONE)).empty
    assert not plan_of(action(Verb.FORGET)).empty


def test_the_digest_changes_with_what_would_be_done() -> None:
    differing = (Difference.of("name", "name", "A", "B"),)
    drifted = Drifted(address="tools.a", kind=Kind.TOOL, drift=Drift.CHANGED, label="")
    plans = [
        plan_of(action(Verb.UPDATE)),
        plan_of(action(Verb.UPDATE, differences=differing)),
        plan_of(action(Verb.DELETE)),
        plan_of(action(Verb.UPDATE, id="tool_1")),
        plan_of(action(Verb.UPDATE), serial=2),
        plan_of(action(Verb.UPDATE), drift=(drifted,)),
    ]
    assert len({made.digest for made in plans}) == len(plans)


def test_the_upstream_s_digest_heeds_neither_the_state_nor_what_stays() -> None:
    one = plan_of(action(Verb.UPDATE))
    other = plan_of(action(Verb.UPDATE), action(Verb.NONE, address="tools.b"), serial=9)
    assert one.upstream_digest == other.upstream_digest


def test_it_is_plain_json() -> None:
    told = plan_of(action(Verb.UPDATE, id="tool_1", reason="because")).as_json()
    read = json.loads(json.dumps(told))
    assert read == told
    assert read["summary"] == {"update": 1}
    assert read["actions"][0]["action"] == "update"
