"""Decides which scopes a plan needs, and finds out which of them the credentials lack."""

from collections.abc import Iterable
from functools import partial

from partner import NotSent, PartnerClient, Refused, Unknown
from provision.errors import MissingScopesError, UpstreamError
from provision.patience import patiently
from provision.plan import Action, Verb
from provision.secrecy import tidy
from provision.state import Kind

FAMILIES = {
    Kind.CALENDAR: "integrations",
    Kind.TOOL: "tools",
    Kind.FILE: "files",
    Kind.AGENT: "voice-agents",
}
"""What stands before the colon in the scopes of each kind of thing."""


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
        return await lacking(client, business, needed)
    except (NotSent, Refused, Unknown) as error:
        raise UpstreamError(
            f"the scopes could not be found out: {tidy(error.message)}; nothing was changed"
        ) from error


async def lacking(client: PartnerClient, business: str, needed: frozenset[str]) -> tuple[str, ...]:
    """Those of some scopes that the credentials lack, in alphabetical order.

    Raises:
        NotSent: It could not be asked.
        Refused: The credentials are refused altogether.
        Unknown: No good answer came.
    """
    granted = (await patiently(client.describe_token)).scopes
    if granted is None:
        granted = await _probed(client, business, needed)
    return tuple(sorted(needed - granted))


async def refused_scopes(
    client: PartnerClient, business: str, error: Refused, reading: frozenset[str]
) -> MissingScopesError | None:
    """The error that names every scope that reading lacks; None for another kind of refusal.

    Args:
        client: Of the business's organization.
        business: The business's id.
        error: What refused the first of the reads.
        reading: The scopes of all of them.
    """
    if error.code != "forbidden" or error.scope is None:
        return None
    try:
        found = await lacking(client, business, reading)
    except (NotSent, Refused, Unknown):
        # The one that is known is worth telling.
        found = ()
    return MissingScopesError(sorted({error.scope, *found}))


async def _probed(client: PartnerClient, business: str, needed: Iterable[str]) -> frozenset[str]:
    return frozenset(
        [
            scope
            for scope in sorted(needed)
            if await patiently(partial(client.holds_scope, business, scope))
        ]
    )


def _of(action: Action) -> Iterable[str]:
    family = FAMILIES[action.kind]
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
    return "integrations:create" if kind is Kind.CALENDAR else f"{FAMILIES[kind]}:update"


def _deleting(kind: Kind) -> Iterable[str]:
    yield f"{FAMILIES[kind]}:delete"
    if kind is Kind.AGENT:
        # It is taken off duty first.
        yield "voice-agents:update"
