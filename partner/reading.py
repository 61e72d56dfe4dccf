"""Decides what an answer means by its status, and reads its JSON without trusting it."""

import json
import math
import re
from collections.abc import Iterator
from typing import Final

from partner.errors import Refused, RefusedCode, Unknown
from partner.evidence import Evidence, blot, clean, retry_after
from partner.transport import Answer

CALL_REFUSALS: Final = frozenset({400, 401, 403, 404, 429})
"""The only statuses that prove that a call was not placed (call protocol, table of answers)."""

OTHER_REFUSALS: Final = frozenset(range(400, 500)) - {408}
"""For everything but a call. 408 is sent by whatever gave up waiting, and proves nothing."""

_CODES: Final[dict[int, RefusedCode]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
}
_UNAUTHORIZED: Final = 401
_MESSAGE_KEYS: Final = ("message", "error_description", "error", "detail", "title")
_MESSAGE_CHARS: Final = 500
_DEPTH: Final = 60
_CALL_ID: Final = re.compile(r'"callId"\s*:\s*"([!#-\[\]-~]{1,200})"')


def require_success(
    answer: Answer,
    *,
    successes: frozenset[int],
    refusals: frozenset[int],
    scope: str | None,
) -> None:
    """Let an answer with a successful status pass.

    Args:
        answer: The answer.
        successes: Statuses that pass.
        refusals: Statuses that prove that the upstream did not act.
        scope: The scope that the endpoint needs, for the message of a 403.

    Raises:
        Refused: The status is among the refusals.
        Unknown: Any other status.
    """
    status = answer.status
    if status in successes:
        return
    if status in refusals:
        raise refusal(answer, code=_CODES.get(status, "rejected"), scope=scope)
    if status == 409:  # noqa: PLR2004 - as in _CODES, where 409 may not stand: it proves nothing
        message = "the upstream says that it exists already"
        raise Unknown("conflict", message, evidence=answer.evidence, hint="conflict")
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        message = f"the upstream failed ({status})"
        raise Unknown("server_error", message, evidence=answer.evidence)
    message = f"the upstream answered {status}, which it doesn't document"
    raise Unknown("unexpected_status", message, evidence=answer.evidence)


def refusal(answer: Answer, *, code: RefusedCode, scope: str | None = None) -> Refused:
    """The refusal that an answer states, in the upstream's words where they can be read.

    Its status is the answer's; but whatever the token endpoint refuses with counts as a 401 of
    the request that needed the token. A 400 or a 404 of its would pass for a bad number or a
    missing agent.
    """
    words = partner_message(answer)
    needed = scope if code == "forbidden" else None
    message = f"the upstream refused ({answer.status})"
    if needed is not None:
        message += f"; the credentials need the scope {needed}"
    return Refused(
        code,
        f"{message}: {words}" if words else message,
        evidence=answer.evidence,
        status=_UNAUTHORIZED if code == "token_refused" else answer.status,
        partner_message=words,
        retry_after=retry_after(answer.evidence),
        scope=needed,
    )


def read_json(answer: Answer) -> object:
    """The body as JSON values: text without NUL, finite numbers, at most 60 levels.

    Raises:
        Unknown: The body is coded, not UTF-8, not JSON or nested too deeply.
    """
    if answer.coded:
        raise unreadable(answer, "its body came coded, which was not asked for")
    try:
        return _tidy(json.loads(answer.body.decode("utf-8")), 0)
    except (ValueError, RecursionError) as error:
        raise unreadable(answer, "its body is not JSON") from error


def unreadable(answer: Answer, why: str) -> Unknown:
    """The error for a successful status whose body can't be understood."""
    message = f"the upstream answered {answer.status}, but {why}"
    return Unknown("unreadable_body", message, evidence=answer.evidence)


def spot_call_id(evidence: Evidence | None) -> str | None:
    """A ``callId`` in the remains of an answer, even where it isn't JSON any more.

    Good enough to look up; never proof that the call was placed.
    """
    found = _CALL_ID.search(evidence.body) if evidence is not None else None
    return found.group(1) if found else None


def partner_message(answer: Answer) -> str | None:
    """The upstream's explanation; it documents no shape, so the usual places are tried."""
    try:
        body = read_json(answer)
    except Unknown:
        return None
    for words in _explanations(body):
        tidy = " ".join(blot(words, answer.secrets).split())
        if tidy:
            return tidy[:_MESSAGE_CHARS]
    return None


def _explanations(body: object) -> Iterator[str]:
    if not isinstance(body, dict):
        return
    for key in _MESSAGE_KEYS:
        value = body.get(key)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield "; ".join(part for part in value if isinstance(part, str))
        elif isinstance(value, dict):
            yield from (
                inner for name in _MESSAGE_KEYS if isinstance(inner := value.get(name), str)
            )


def _tidy(value: object, depth: int) -> object:
    if depth > _DEPTH:
        raise ValueError("nested too deeply")
    match value:
        case str():
            return clean(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_tidy(item, depth + 1) for item in value]
        case dict():
            return {clean(key): _tidy(item, depth + 1) for key, item in value.items()}
        case _:
            return value
