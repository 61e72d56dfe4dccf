"""Turns what the Partner API did wrong into a sentence for people and a code for programs."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from outdial.speaking import coded
from outdial.speaking.coded import CodedError
from outdial.speaking.speech import Exit
from outdial.tree import addresses
from outdial.upstream.connection import Upstream
from partner import NotSent, PartnerError, Refused, Unknown
from partner.errors import UnfitFile
from provision.errors import (
    MissingScopesError,
    OutdatedPlanError,
    ProvisionError,
    StateMismatchError,
    StepFailedError,
)
from provision.saved import PlanUnusableError

BUSINESS: Final = "--business"
"""The option that names the business, on most command lines."""

_SECRETS: Final = f"{addresses.PARTNER_KEY}, or {addresses.PARTNER_CLIENT_ID} and its secret"
_REMEDIES: Final[Mapping[str, str]] = {
    "connect_failed": f"is it running, and is {addresses.PARTNER} right?",
    "connect_timeout": f"is it running, and is {addresses.PARTNER} right?",
    "dns_failed": f"check {addresses.PARTNER} and the network",
    "tls_failed": f"check {addresses.PARTNER}, and whether something stands in between",
    "token_unavailable": "no access token could be had; try again in a minute",
    "invalid_request": "check the ids that were given",
    "unauthorized": f"the key is wrong or expired; check {_SECRETS}",
    "token_refused": f"check {addresses.PARTNER_CLIENT_ID} and its secret",
    "forbidden": "have it granted, or use credentials that have it",
}
_NO_ROUTE: Final = re.compile(r"(?:not found|cannot [A-Z]+ /.*)\W*$", re.IGNORECASE)
_LOCAL: Final = "is it running? For the sandbox: outdial sandbox"
_UNREACHED: Final = frozenset({"connect_failed", "connect_timeout", "dns_failed"})


@contextmanager
def reported(*, json: bool, interrupted: str = "") -> Iterator[None]:
    """As `coded.reported`, and tells what stopped a plan or an apply.

    Args:
        json: Whether programs read stdout.
        interrupted: What to do after Ctrl-C, where there is something.

    Raises:
        CommandError: What failed.
    """
    with coded.reported(json=json, interrupted=interrupted):
        try:
            yield
        except ProvisionError as error:
            raise stopped(error) from error


def explain(
    error: PartnerError, upstream: Upstream, *, acting: bool, business: str = BUSINESS
) -> CodedError:
    """Says what became of a request, and what to do.

    Args:
        error: How it ended.
        upstream: Whom it went to.
        acting: Whether it would have changed something.
        business: What names the business on that command line; empty where nothing does.

    Returns:
        The fault to raise.
    """
    if isinstance(error, UnfitFile):
        return CodedError(error.message, reason=error.code, code=Exit.USAGE)
    details: dict[str, object] = {}
    match error:
        case NotSent():
            message = _not_sent(error, upstream)
        case Refused():
            message = _refused(error, upstream, business)
            details = _refusal_details(error)
        case Unknown():
            message, details = _unknown(error, acting=acting), {"may_have_acted": acting}
        case _:
            message = error.message
    return CodedError(message, reason=error.code, details=details)


def stopped(
    error: ProvisionError, upstream: Upstream | None = None, *, business: str = BUSINESS
) -> CodedError:
    """Says why agents as code stopped.

    Args:
        error: Why.
        upstream: Whom it spoke to, where it got that far.
        business: As for `explain`.

    Returns:
        The fault to raise.
    """
    cause = error.__cause__
    # Where it could not even read, what to do is the same as for any other command.
    if upstream and error.code == "upstream_unreadable" and isinstance(cause, PartnerError):
        return explain(cause, upstream, acting=False, business=business)
    message, code = str(error), Exit.FAILED
    details: dict[str, object] = {}
    match error:
        case StepFailedError():
            names = ("address", "verb", "done", "left", "outcome", "said")
            details = {name: getattr(error, name) for name in names}
        case MissingScopesError():
            details = {"scopes": list(error.scopes)}
        case OutdatedPlanError():
            details = {"changed": error.changed, "differing": error.differing}
        case StateMismatchError() if "--state" not in message:
            message = f"{message.rstrip('.')}, with --state PATH"
        case PlanUnusableError():
            code = Exit.USAGE
        case _:
            pass
    return CodedError(message, reason=error.code, code=code, details=details)


def _not_sent(error: NotSent, upstream: Upstream) -> str:
    if error.code in _UNREACHED:
        remedy = _LOCAL if upstream.local else _REMEDIES[error.code]
        return f"{upstream.base_url} can't be reached ({error.code}); {remedy}"
    return "; ".join([error.message, *filter(None, [_REMEDIES.get(error.code)])])


def _refused(error: Refused, upstream: Upstream, business: str) -> str:
    if error.code == "forbidden":
        scope = f"the scope {error.scope}" if error.scope else "a scope"
        return f"the credentials lack {scope} (HTTP 403); {_REMEDIES['forbidden']}"
    said = f": {error.partner_message}" if error.partner_message else ""
    told = f"the Partner API refused (HTTP {error.status}){said}"
    if error.code == "rate_limited":
        seconds = 60 if error.retry_after is None else error.retry_after
        return f"{told}; wait {seconds:.0f} s and try again"
    if error.code == "not_found":
        return f"{told}; {_where_to_look(error.partner_message or '', upstream, business)}"
    return "; ".join([told, *filter(None, [_REMEDIES.get(error.code)])])


def _where_to_look(said: str, upstream: Upstream, business: str) -> str:
    # An address that leads nowhere is told by no name of a thing that was looked for.
    if not said or _NO_ROUTE.match(said):
        return f"check {addresses.PARTNER} ({upstream.base_url})"
    if business and said.casefold().startswith("business"):
        return f"check {business}"
    return f"check the id and {business}" if business else "check the id"


def _refusal_details(error: Refused) -> dict[str, object]:
    given = {"scope": error.scope, "retry_after": error.retry_after}
    known = {name: value for name, value in given.items() if value is not None}
    return {"status": error.status, **known}


def _unknown(error: Unknown, *, acting: bool) -> str:
    if acting:
        return f"{error.message}: it may have been done all the same; look before trying again"
    return f"{error.message}; try again"
