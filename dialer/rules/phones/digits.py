"""Reads a text of digits and separators as one US number, or says why it is not one.

The grammar: an optional +, 00 or 011; the country code 1 at most twice; ten digits grouped in a
way that leaves their order beyond doubt.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, is_valid_number

from dialer.rules.phones.codes import REJECTED_CODES, Accepted, Rejected
from dialer.rules.phones.plan import NumberingPlan

# Ten digits, or eleven with the country code, as most rows of most lists have them.
# `212664.0000` stays out: it is a spreadsheet's 212664.
PLAIN_WRITING = re.compile(
    r"(?:\+?1[ .\-]?)?\(?([2-9]\d\d)(?:\)[ .\-]{0,2}|[ .\-]{1,2}|(?=\d{7}\Z))"
    r"(\d{3})[ .\-]?(\d{4})",
    re.ASCII,
)

# The strongest change first: it is the one that is told when there were several.
_STRONGEST_FIRST = (
    "ok_formula",
    "ok_excel_scientific",
    "ok_excel_float",
    "ok_thousands_separator",
    "ok_double_prefix",
    "ok_intl_prefix",
    "ok_label",
    "ok_unicode",
    "ok_trimmed",
)
_SERVICES = frozenset({"112", "988", *(f"{first}11" for first in "23456789")})
_PLAIN = re.compile(r"[(\[\s]*\+{0,2}[\d\s().,/\-_\[\]]*", re.ASCII)
_PREFIX_BEFORE_PLUS = re.compile(r"[(\s]*\+?\s*1[)\s.\-]*(?=\+\s*1)", re.ASCII)
_INTERNATIONAL = re.compile(r"(?:011|00)(?=[1-9])")
_AREA, _EXCHANGE, _LOCAL, _NATIONAL = 3, 6, 7, 10
_DIALED_ABROAD = 11
_E164_MAX = 15
# Pairs or halves or single digits, all alike: read aloud in rhythm, with the order kept.
_EVEN = ((1,) * 10, (2,) * 5, (5, 5))
_AREA_LAST = ((3, 4, 3), (7, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Turns ten digits into an answer, by one numbering plan and one choice of territories."""

    plan: NumberingPlan
    allow_territories: bool

    def settle(self, national: str, repairs: Collection[str] = ()) -> Accepted | Rejected:
        """Accepts or refuses ten digits; `repairs` are the codes of what was undone."""
        code = self.plan.code_of(national, allow_territories=self.allow_territories)
        if code in REJECTED_CODES:
            return Rejected(code)
        if repairs:
            code = min(repairs, key=_STRONGEST_FIRST.index)
        return Accepted(f"+1{national}", code)

    def suggest(self, national: str) -> str | None:
        """The number in E.164 when it would be accepted."""
        verdict = self.settle(national) if len(national) == _NATIONAL else None
        return verdict.e164 if isinstance(verdict, Accepted) else None


def is_plain(text: str) -> bool:
    """Whether the text is nothing but digits, separators and a + in front."""
    written = _PREFIX_BEFORE_PLUS.sub("", text, count=1) if "+" in text else text
    return _PLAIN.fullmatch(written) is not None


def read_digits(text: str, judge: Judge, repairs: Collection[str]) -> Accepted | Rejected:
    """Reads plain writing (see `is_plain`) that holds at most one number."""
    written = _PREFIX_BEFORE_PLUS.sub("", text, count=1) if "+" in text else text
    groups = re.findall(r"\d+", written)
    digits = "".join(groups)
    if not digits:
        return Rejected("no_digits")
    if _is_filler(digits):
        return Rejected("placeholder")
    if digits in _SERVICES or digits.removeprefix("1") in _SERVICES:
        return Rejected("service_code")
    marks = set(repairs)
    if written != text or "++" in written:
        marks.add("ok_double_prefix")
    prefix = _INTERNATIONAL.match(digits) if len(digits) >= _DIALED_ABROAD else None
    if prefix is not None:
        marks.add("ok_intl_prefix")
        return _read_international(digits[prefix.end() :], groups, judge, marks)
    if "+" in written:
        return _read_international(digits, groups, judge, marks)
    if digits[0] == "1" and (len(digits) != _NATIONAL or groups[0] == "1"):
        digits = digits[1:]
    return _read_national(digits, groups, judge, marks)


def _is_filler(digits: str) -> bool:
    """One digit over and over, or a run up the keyboard, whatever their length."""
    if len(set(digits)) == 1:
        return digits[0] == "0" or len(digits) >= _LOCAL
    return len(digits) >= _LOCAL and digits in "1234567890123"


def _read_international(
    digits: str,
    groups: list[str],
    judge: Judge,
    marks: set[str],
) -> Accepted | Rejected:
    if digits.startswith("1"):
        return _read_national(digits[1:], groups, judge, marks)
    if digits.startswith("0"):
        return Rejected("trunk_zero", judge.suggest(digits.lstrip("0").removeprefix("1")))
    if len(digits) < _LOCAL:
        return Rejected("too_short")
    likely_american = len(digits) == _NATIONAL and not _is_number_abroad(digits)
    return Rejected("foreign_country", judge.suggest(digits) if likely_american else None)


def _is_number_abroad(digits: str) -> bool:
    """Whether digits with their country code are a number in service in another country."""
    splits = ((int(digits[:end]), digits[end:]) for end in (1, 2, 3))
    return any(
        is_valid_number(PhoneNumber(country_code=code, national_number=int(rest)))
        for code, rest in splits
        if code in COUNTRY_CODE_TO_REGION_CODE and len(digits) <= _E164_MAX
    )


def _read_national(
    national: str,
    groups: list[str],
    judge: Judge,
    marks: set[str],
) -> Accepted | Rejected:
    """Reads what follows the country code, which may be there once more."""
    if len(national) == _NATIONAL + 1 and national[0] == "1":
        national = national[1:]
        marks.add("ok_double_prefix")
    if len(national) == _NATIONAL:
        return _check_grouping(national, groups, judge, marks)
    return _explain_length(national, judge)


def _explain_length(national: str, judge: Judge) -> Rejected:
    if len(national) == _LOCAL:
        return Rejected("missing_area_code")
    if len(national) < _NATIONAL:
        return Rejected("too_short")
    if re.fullmatch(r"01?\d{10}", national):
        return Rejected("trunk_zero", judge.suggest(national.lstrip("0").removeprefix("1")))
    return Rejected("too_long")


def _check_grouping(
    national: str,
    groups: list[str],
    judge: Judge,
    marks: set[str],
) -> Accepted | Rejected:
    """Refuses a number whose groups tell another order: `664-1234 (212)`, an IP address."""
    verdict = judge.settle(national, marks)
    if len(groups) == 1:
        return verdict
    sizes = _group_sizes(groups)
    if sizes in _AREA_LAST:
        return Rejected("missing_area_code", judge.suggest(national[-3:] + national[:-3]))
    if isinstance(verdict, Rejected) or sizes in _EVEN:
        return verdict
    ends = {sum(sizes[:count]) for count in range(1, len(sizes))}
    if ends <= {_AREA, _EXCHANGE} or ends >= {_AREA, _EXCHANGE}:
        return verdict
    return Rejected("extra_text")


def _group_sizes(groups: list[str]) -> tuple[int, ...]:
    """The sizes of the groups that the last ten digits stand in."""
    skip = sum(map(len, groups)) - _NATIONAL
    sizes = []
    for group in groups:
        taken = min(skip, len(group))
        skip -= taken
        if taken < len(group):
            sizes.append(len(group) - taken)
    return tuple(sizes)
