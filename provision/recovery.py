"""Finds the things that interrupted creates left behind, so that nothing is made twice."""

from collections.abc import Collection, Mapping

from provision.errors import AmbiguousError
from provision.observing import Upstream
from provision.secrecy import is_mark, marked
from provision.state import Body, Intent, State, kind_of


def made_by(
    intent: Intent, things: Mapping[str, Body], taken: Collection[str], *, salt: str
) -> list[str]:
    """Ids of the things that a create could have made.

    Args:
        intent: Written just before the create was sent.
        things: Everything of that kind that there is now, by id.
        taken: Ids that are known to be something else.
        salt: Of the state that the intent stands in.
    """
    before = {*intent.known_ids, *taken}
    return [
        thing_id
        for thing_id, thing in things.items()
        if thing_id not in before and fits(thing, intent.match, salt=salt)
    ]


def the_one(address: str, found: Collection[str]) -> str | None:
    """The only thing that was found, or None.

    Raises:
        AmbiguousError: There are several: adopting one of them could make off with somebody
            else's, and making another could double ours.
    """
    if len(found) > 1:
        raise AmbiguousError(
            f"{address}: an earlier run was interrupted while creating it, and "
            f"{', '.join(sorted(found))} appeared since. Delete those that aren't wanted "
            "upstream, or name what is somebody else's in the manifest, by its id; then run again",
            address=address,
            ids=sorted(found),
        )
    return next(iter(found), None)


def recovered(state: State, upstream: Upstream, named: Collection[str] = ()) -> dict[str, str]:
    """What interrupted creates have made: ids by address.

    Args:
        state: With the intents.
        upstream: What there is.
        named: Ids that the manifest names itself: it didn't make those.

    Raises:
        AmbiguousError: One of them could have made any of several things.
    """
    found: dict[str, str] = {}
    for address, intent in state.creating.items():
        taken = state.owned_ids | {*found.values(), *named}
        things = upstream.of(kind_of(address))
        one = the_one(address, made_by(intent, things, taken, salt=state.salt))
        if one is not None:
            found[address] = one
    return found


def fits(thing: Mapping[str, object], match: Mapping[str, object], *, salt: str) -> bool:
    """Whether a thing has all the values that it must be told by; texts but for outer blanks.

    Args:
        thing: As the upstream shows it.
        match: Values by name; marks stand for secrets.
        salt: Of the marks.
    """
    return all(_same(thing.get(name), value, salt) for name, value in match.items())


def _same(one: object, other: object, salt: str) -> bool:
    if not (isinstance(one, str) and isinstance(other, str)):
        return one == other
    if is_mark(other):
        return marked(one.strip(), salt) == other
    return one.strip() == other.strip()
