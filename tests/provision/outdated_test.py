"""What differs from what was agreed to is named by address and field."""

from pydantic import JsonValue

from provision.outdated import differing, named

Shown = dict[str, JsonValue]


def action(address: str, verb: str, **fields: JsonValue) -> Shown:
    leaves: list[JsonValue] = [
        {"path": path, "before": None, "after": value} for path, value in fields.items()
    ]
    return {"address": address, "action": verb, "id": "x_1", "differences": leaves}


def plan(*actions: JsonValue, drift: list[JsonValue] | None = None) -> Shown:
    return {"actions": [*actions], "drift": drift or []}


def test_equal_plans_differ_in_nothing() -> None:
    made = plan(action("agents.a", "update", name="A"), action("tools.b", "no change"))
    assert differing(made, plan(action("agents.a", "update", name="A"))) == {}


def test_a_field_is_named_by_its_path() -> None:
    before = plan(action("agents.a", "update", name="A"))
    now = plan(action("agents.a", "update", name="A", firstMessage="Hi"))
    assert differing(before, now) == {"agents.a": ("firstMessage",)}


def test_what_has_come_on_the_plan_is_named_with_its_fields() -> None:
    now = plan(action("agents.a", "update", name="A"))
    assert differing(plan(action("agents.a", "no change")), now) == {"agents.a": ("name",)}


def test_what_was_deleted_is_named_as_a_whole() -> None:
    drift: list[JsonValue] = [{"address": "agents.a", "drift": "deleted outside"}]
    now = plan(action("agents.a", "create", name="A", type="INBOUND"), drift=drift)
    assert differing(plan(), now) == {"agents.a": ()}


def test_what_no_longer_has_to_be_done_is_named() -> None:
    assert differing(plan(action("files.f", "create", name="F")), plan()) == {"files.f": ()}


def test_a_plan_of_another_shape_differs_in_all() -> None:
    now = plan(action("tools.t", "update", config="x"))
    assert differing({"actions": "none", "drift": [1]}, now) == {"tools.t": ("config",)}


def test_the_sentence_is_short_and_moves_no_cursor() -> None:
    found = {"agents.a\x1b[2J": ("one", "two"), **{f"tools.t{at}": () for at in range(6)}}
    told = named(found)
    assert told.startswith("agents.a [2J (one, two), tools.t0, ")
    assert told.endswith("tools.t3, 2 more")
    assert named({"agents.a": tuple("abcdefg")}) == "agents.a (a, b, c, d, e, 2 more)"
