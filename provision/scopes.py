"""Decides which scopes a plan needs, and finds out which of them the credentials lack."""

from collections.abc import Iterable
from functools import partial

from partner import NotSent, PartnerClient, Refused, Unknown
from provision.errors import UpstreamError
from provision.masking import tidy
from provision.patience import patiently
from provision.plan import Action, Verb
from provision.state import Kind

_FAMILIES = {
    Kind.CALENDAR: "integrations",
    Kind.TOOL: "tools",
    Kind.FILE: "files",
    Kind.AGENT: "voice-agents",
}


def needed_scopes(actions: Iterable[Action]) -> frozenset[str]:
    """The scopes that actions need to be done; those for reading are found out by reading."""
    return frozenset(scope for action in actions for scope in _of(action))


async def missing_scopes(
    client: PartnerClient, business: str, actions: Iterable[Action]
) -> tuple[str, ...]:
    """The scopes that actions need and the credentials lack, in alphabetical order.

    A token says what it was granted; a static key doesn't, so every scope is asked about by a
    request that can't have an effect.

    Raises:
        UpstreamError: It could not be found out.
    """
    needed = needed_scopes(actions)
    if not needed:
        return ()
    try:
        granted = (await patiently(client.describe_token)).scopes
        if granted is None:
            granted = await _probed(client, business, needed)
        return tuple(sorted(needed - granted))
    except (NotSent, Refused, Unknown) as error:
        raise UpstreamError(
            f"the scopes could not be found out: {tidy(error.message)}; nothing was changed"
        ) from error


async def _probed(client: PartnerClient, business: str, needed: Iterable[str]) -> frozenset[str]:
    return frozenset(
        [
            scope
            for scope in sorted(needed)
            if await patiently(partial(client.holds_scope, business, scope))
        ]
    )


def _of(action: Action) -> Iterable[str]:
    family = _FAMILIES[action.kind]
    match action.verb:
        case Verb.CREATE:
            yield f"{family}:create"
        case Verb.UPDATE:
            yield _changing(action.kind)
        case Verb.REPLACE:
            yield f"{family}:create"
            yield from _deleting(action.kind)
        case Verb.ADOPT if action.differences:
            yield _changing(action.kind)
        case Verb.DELETE:
            yield from _deleting(action.kind)
        case Verb.DEPLOY | Verb.ON_DUTY | Verb.OFF_DUTY:
            yield "voice-agents:update"
        case Verb.ADOPT | Verb.FORGET | Verb.NONE:
            return


def _changing(kind: Kind) -> str:
    # The calendar has no PATCH: connecting another takes the place of the first.
    return "integrations:create" if kind is Kind.CALENDAR else f"{_FAMILIES[kind]}:update"


def _deleting(kind: Kind) -> Iterable[str]:
    yield f"{_FAMILIES[kind]}:delete"
    if kind is Kind.AGENT:
        # It is taken off duty first.
        yield "voice-agents:update"
