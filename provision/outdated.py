"""Tells in what a plan differs from the one that was agreed to, for people."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from provision.plan import Drift, Verb
from provision.secrecy import tidy

_MOST_FIELDS: Final = 5
_MOST_THINGS: Final = 5

_Shown = Mapping[str, JsonValue]
_Paths = Mapping[str, list[JsonValue]]
_WHOLLY: Final = frozenset(
    {
        Drift.DELETED.value,
        *(verb.value for verb in (Verb.CREATE, Verb.REPLACE, Verb.DELETE, Verb.FORGET)),
    }
)


def differing(agreed: _Shown, now: _Shown) -> dict[str, tuple[str, ...]]:
    """What isn't as it was agreed to: addresses, each with the paths of its fields.

    A thing that was deleted, or that is done something else with, may have no fields.

    Args:
        agreed: A plan as JSON (``Plan.as_json``); of another shape, all of it differs.
        now: Likewise.
    """
    old, new = _by_address(agreed), _by_address(now)
    return {
        address: _fields(old.get(address, {}), new.get(address, {}))
        for address in dict.fromkeys((*new, *old))
        if old.get(address) != new.get(address)
    }


def named(found: Mapping[str, tuple[str, ...]]) -> str:
    """Such as ``agents.caller (firstMessage), tools.office``; a few of each at most."""
    told = [
        f"{address} ({_some(fields, _MOST_FIELDS)})" if fields else address
        for address, fields in found.items()
    ]
    return tidy(_some(tuple(told), _MOST_THINGS))


def _some(words: tuple[str, ...], most: int) -> str:
    more = len(words) - most
    return ", ".join((*words[:most], *([f"{more} more"] if more > 0 else [])))


def _by_address(plan: _Shown) -> dict[str, dict[str, list[JsonValue]]]:
    """What is done with each address and what drifted, by path; the thing as a whole by ``""``."""
    found: dict[str, dict[str, list[JsonValue]]] = {}
    for one, what in (*_things(plan, "actions", "action"), *_things(plan, "drift", "drift")):
        if what == Verb.NONE.value:
            continue
        told = found.setdefault(str(one.get("address")), {})
        told.setdefault("", []).append([what, one.get("id")])
        for leaf in _objects(one.get("differences")):
            sides: list[JsonValue] = [what, leaf.get("before"), leaf.get("after")]
            told.setdefault(str(leaf.get("path")), []).append(sides)
    return found


def _fields(old: _Paths, new: _Paths) -> tuple[str, ...]:
    if _whole(old) != _whole(new):
        return ()
    paths = dict.fromkeys((*new, *old))
    return tuple(path for path in paths if path and old.get(path) != new.get(path))


def _whole(told: _Paths) -> set[str]:
    """The words for what happens to a thing from end to end: then its fields say nothing."""
    words = {str(one[0]) for one in told.get("", []) if isinstance(one, list)}
    return words & _WHOLLY


def _things(plan: _Shown, part: str, word: str) -> Iterator[tuple[_Shown, str]]:
    for one in _objects(plan.get(part)):
        yield one, str(one.get(word))


def _objects(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))
