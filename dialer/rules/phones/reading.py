"""Reads any text that a person or a program put in a phone field: the careful path.

Each step either gives the answer or leaves a simpler text to the next: plain ASCII, fillers,
spreadsheet forms, labels, extensions, several numbers, then digits or letters.
"""

import re

from dialer.rules.phones.codes import Accepted, Rejected
from dialer.rules.phones.digits import PLAIN_WRITING, Judge, is_plain, read_digits
from dialer.rules.phones.text import (
    SPACES,
    fold,
    read_sheet_number,
    trim,
    unwrap_formula,
)
from dialer.rules.phones.words import (
    count_digits,
    is_placeholder,
    read_keypad,
    read_lookalikes,
    split_extension,
    starts_extension,
    strip_labels,
    warns,
)

# No number with its labels is longer; the bound keeps every expression below cheap.
MAX_LENGTH = 200

_NUMBER = re.compile(
    r"(?:(?=\+1)|(?<![\d+]))(?:\+?1[\s.\-]{0,3})?"
    r"\(?[2-9]\d{2}\)?[\s.\-/]{0,3}\d{3}[\s.\-]{0,3}\d{4}(?!\d)",
    re.ASCII,
)
_ALTERNATIVE = re.compile(r"[/,;|&\n]|\s(?:or|and|y|o)\s", re.IGNORECASE)
_FOREIGN = re.compile(r"(?:\+|(?<!\d)(?:00|011))[\s(]*[2-9](?:[\s().\-]*\d){6,}", re.ASCII)
_STAR_CODE = re.compile(r"[*#]\d{1,4}#?", re.ASCII)
_ENDS_IN_DIGIT = re.compile(r"\d[\s().\-,/+]*$", re.ASCII)
_STARTS_WITH_DIGIT = re.compile(r"[\s().\-,/+]*\d", re.ASCII)
_LETTER_BY_DIGIT = re.compile(r"\d[\-.]?[^\W\d_]|[^\W\d_][\-.]?\d")
_LOCAL, _NATIONAL = 7, 10


def read(raw: str, judge: Judge) -> Accepted | Rejected:
    """Reads a whole field."""
    visible = raw.strip(SPACES)
    if len(visible) > MAX_LENGTH:
        start = visible[:MAX_LENGTH]
        return Rejected("extra_text" if any(map(str.isalpha, start)) else "too_long")
    folded = fold(visible)
    text = folded.text.strip(SPACES)
    if not text.strip("\"'"):
        return Rejected("empty")
    if is_placeholder(text):
        return Rejected("placeholder")
    if folded.reversed:
        return Rejected("extra_text")
    repairs = {"ok_unicode"} if folded.changed else set[str]()
    formula = unwrap_formula(text)
    if formula is not None:
        repairs.add("ok_formula")
        text = formula
    trimmed = trim(text)
    if not text.strip(SPACES):
        return Rejected("empty")
    if trimmed != raw:
        repairs.add("ok_trimmed")
    return _read_labeled(trimmed, judge, repairs)


def _read_labeled(text: str, judge: Judge, repairs: set[str]) -> Accepted | Rejected:
    bare = strip_labels(text)
    if bare != text:
        spelled = _read_spelled(text, judge)
        if spelled is not None and spelled.code != "letters":
            return spelled
        repairs = repairs | {"ok_label"}
        bare = trim(bare)
    plain = PLAIN_WRITING.fullmatch(bare)
    if plain is not None:
        return judge.settle("".join(plain.groups()), repairs)
    if not count_digits(bare):
        return Rejected("placeholder" if is_placeholder(bare) else "no_digits")
    sheet = read_sheet_number(bare)
    if sheet is None:
        return _read_number(bare, judge, repairs)
    if sheet.digits is None:
        return Rejected("precision_lost")
    return read_digits(sheet.digits, judge, repairs | {sheet.repair})


def _read_number(text: str, judge: Judge, repairs: set[str]) -> Accepted | Rejected:
    base = split_extension(text)
    if base is not None:
        return _refuse_extension(_read_labeled(trim(base), judge, repairs))
    several = _read_several(text, judge)
    if several is not None:
        return several
    if is_plain(text):
        return read_digits(text, judge, repairs)
    return _refuse_mixed(text, judge)


def _refuse_extension(base: Accepted | Rejected) -> Rejected:
    """The number's own fault comes first: without a number, an extension means nothing."""
    return Rejected("extension", base.e164) if isinstance(base, Accepted) else base


def _read_several(text: str, judge: Judge) -> Rejected | None:
    """Refuses a text that names more than one number; None when it names one at most."""
    parts = [part.strip(SPACES) for part in _ALTERNATIVE.split(text)]
    if len(parts) > 1:
        refused = _refuse_alternatives(parts, judge)
        if refused is not None:
            return refused
    if count_digits(text) < 2 * _NATIONAL:
        return None
    numbers = [_settle_found(found, judge) for found in _NUMBER.finditer(text)]
    if len(numbers) > 1 and warns(text):
        return Rejected("multiple_numbers")
    return _refuse_several(numbers) if len(numbers) > 1 else None


def _refuse_alternatives(parts: list[str], judge: Judge) -> Rejected | None:
    whole = [part for part in parts if count_digits(part) >= _LOCAL]
    if len(whole) > 1:
        return _refuse_several([_read_labeled(trim(part), judge, set()) for part in whole])
    rest = [part for part in parts[1:] if part and is_plain(part)]
    if not rest or whole != parts[:1] or count_digits(parts[0]) < _NATIONAL:
        return None
    verdict = _read_labeled(trim(parts[0]), judge, set())
    if isinstance(verdict, Rejected) and verdict.code == "extension":
        return verdict
    return _refuse_several([verdict])


def _settle_found(found: re.Match[str], judge: Judge) -> Accepted | Rejected:
    return judge.settle(re.sub(r"\D", "", found[0])[-_NATIONAL:])


def _refuse_several(verdicts: list[Accepted | Rejected]) -> Rejected:
    numbers = [
        verdict.e164 if isinstance(verdict, Accepted) else verdict.suggestion
        for verdict in verdicts
    ]
    distinct = dict.fromkeys(number for number in numbers if number is not None)
    return Rejected("multiple_numbers", "|".join(distinct) or None)


def _refuse_mixed(text: str, judge: Judge) -> Rejected:
    """Refuses a text with letters or signs in it, with the number it likely means."""
    if _STAR_CODE.fullmatch(text):
        return Rejected("service_code")
    if _FOREIGN.search(text):
        return Rejected("foreign_country")
    lookalike = read_lookalikes(text)
    retyped = read_digits(lookalike, judge, ()) if lookalike is not None else None
    if isinstance(retyped, Accepted):
        return Rejected("lookalike_letters", retyped.e164)
    found = _NUMBER.search(text)
    if found is not None:
        return _refuse_around(text[: found.start()], found, text[found.end() :], judge)
    if retyped is not None:
        return _refuse_as("lookalike_letters", retyped)
    return _refuse_letters(text, judge)


def _refuse_around(before: str, found: re.Match[str], after: str, judge: Judge) -> Rejected:
    verdict = _settle_found(found, judge)
    if _ENDS_IN_DIGIT.search(before) or _STARTS_WITH_DIGIT.match(after):
        return Rejected("extra_text")
    if warns(before) or warns(after):
        return Rejected("extra_text")
    return _refuse_as("extension" if starts_extension(after) else "extra_text", verdict)


def _refuse_letters(text: str, judge: Judge) -> Rejected:
    spelled = _read_spelled(text, judge)
    if spelled is not None:
        return spelled
    by_digit = any(map(str.isalpha, text)) and _LETTER_BY_DIGIT.search(text)
    return Rejected("letters" if by_digit else "extra_text")


def _read_spelled(text: str, judge: Judge) -> Rejected | None:
    """Refuses a number spelled on the keypad; None when the text is not surely one."""
    spelled = read_keypad(text)
    if spelled is None:
        return None
    national, certain = spelled
    # A telephone ignores what is dialed after the tenth digit, so a longer word still connects.
    verdict = judge.settle(national[:_NATIONAL])
    if isinstance(verdict, Rejected):
        return verdict
    exact = len(national) == _NATIONAL
    return Rejected("letters", verdict.e164 if exact else None) if certain else None


def _refuse_as(code: str, verdict: Accepted | Rejected) -> Rejected:
    """A refusal of the number itself says more than one of the writing around it."""
    if isinstance(verdict, Accepted):
        return Rejected(code, verdict.e164)
    telling = verdict.code not in {"too_short", "too_long", "missing_area_code", "extra_text"}
    return verdict if telling else Rejected(code)
