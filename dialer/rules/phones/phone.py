"""Decides which US number a raw phone text means, or refuses it with a stable reason.

The text is never handed to a library's parser: `2.12664123E9` and `917-664 home` parse there as
valid numbers that nobody wrote. Digits are read here under a strict grammar, repaired only
where exactly one reading exists, and then checked against the numbering plan.
"""

import re

from dialer.rules.phones.codes import ACCEPTED_CODES, REJECTED_CODES, Accepted, Rejected
from dialer.rules.phones.digits import PLAIN_WRITING, Judge
from dialer.rules.phones.plan import US_PLAN, NumberingPlan
from dialer.rules.phones.reading import MAX_LENGTH, read

__all__ = [
    "ACCEPTED_CODES",
    "MAX_LENGTH",
    "REJECTED_CODES",
    "US_PLAN",
    "Accepted",
    "NumberingPlan",
    "Rejected",
    "area_code",
    "mask",
    "normalise",
]

_E164 = re.compile(r"\+1\d{10}", re.ASCII)


def normalise(
    raw: str,
    *,
    allow_territories: bool = False,
    plan: NumberingPlan = US_PLAN,
) -> Accepted | Rejected:
    """Reads one phone field.

    Args:
        raw: the text as it came, of any content and length.
        allow_territories: whether numbers in Puerto Rico, the US Virgin Islands, Guam, American
            Samoa and the Northern Mariana Islands are accepted.
        plan: the numbering plan to judge by.

    Returns:
        The number with a note of what was repaired, or the reason for the refusal. No text
        raises.
    """
    found = PLAIN_WRITING.fullmatch(raw)
    if found is None:
        return read(raw, Judge(plan=plan, allow_territories=allow_territories))
    area, exchange, line = found.groups()
    national = area + exchange + line
    if area in plan.everyday_areas and exchange in plan.everyday_exchanges:
        return Accepted("+1" + national, "ok")
    return Judge(plan=plan, allow_territories=allow_territories).settle(national)


def area_code(e164: str) -> str:
    """The three digits after +1.

    Raises:
        ValueError: the text is not +1 and ten digits.
    """
    if not _E164.fullmatch(e164):
        raise ValueError("an E.164 US number is +1 and ten digits")
    return e164[2:5]


def mask(e164: str) -> str:
    """The number for logs: area code and last four digits, `+1212***0142`.

    Anything but +1 and ten digits comes out as `***`, so that a raw text never reaches a log.
    """
    return f"{e164[:5]}***{e164[-4:]}" if _E164.fullmatch(e164) else "***"
