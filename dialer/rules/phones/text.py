"""Brings a phone text to plain ASCII writing and undoes what spreadsheets do to numbers.

Nothing here guesses: a character is replaced only by what it plainly is, and a spreadsheet's
number is written out only when every digit of it is present.
"""

import re
import unicodedata
from typing import NamedTuple

SPACES = " \t\r\n\v\f"
_AROUND = SPACES + "\"'`,;:.-_/\\|[]<>{}~"

_PUNCTUATION = {
    "\x85": "\n",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2022": ".",
    "\u2024": ".",
    "\u2027": ".",
    "\u2044": "/",
    "\u2212": "-",
    "\u2215": "/",
    "\u2219": ".",
    "\u22c5": ".",
    "\u00b7": ".",
    "\u30fb": ".",
    "\u3002": ".",
    "\u02d7": "-",
    "\u2043": "-",
    "\ufe62": "+",
    "\u2795": "+",
    "\uff5e": "~",
}
# Blank, variation selectors, and the box of a keycap emoji: nothing that a reader would see as
# part of the number.
_UNSEEN = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\ufe0e\ufe0f\u20e3")
# Telephones and the flag of the United States say what the column already says.
_PICTURES = re.compile(
    "[\u260e\u260f\u2706\u2121\u2713\u2714\u2705\U0001f4de\U0001f4df\U0001f4f1\U0001f4f2\U0001f57b"
    "-\U0001f57f]|\U0001f1fa\U0001f1f8",
)
# Shows the text that follows in reverse: what a person read is not what is stored.
_RIGHT_TO_LEFT_OVERRIDE = "\u202e"

_FULLWIDTH_FIRST, _FULLWIDTH_LAST, _FULLWIDTH_OFFSET = 0xFF01, 0xFF5E, 0xFEE0

_OCTET_MAX = 255

_FORMULA = re.compile(r'=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[+\d(][^"]*))')
_FLOAT = re.compile(r"(?P<whole>\+?\d+)\.0+", re.ASCII)
_SCIENTIFIC = re.compile(
    r"\+?(?P<whole>\d+)(?:[.,](?P<part>\d*))?[eE](?P<sign>[+-]?)(?P<power>\d{1,3})",
    re.ASCII,
)
_THOUSANDS = re.compile(
    r"\d{1,2}(?P<mark>[,.' ])\d{3}(?P=mark)\d{3}(?P=mark)\d{3}(?:[.,]0{1,2})?",
    re.ASCII,
)


class Folded(NamedTuple):
    """A text in plain writing.

    Attributes:
        text: the text with digits of every script, dashes, spaces and full-width forms as
            ASCII, and invisible characters gone. Other characters stay as they were.
        changed: whether anything was replaced or removed.
        reversed: whether the text asks to be shown in reverse, so that no reading is certain.
    """

    text: str
    changed: bool
    reversed: bool


class SheetNumber(NamedTuple):
    """A number as a spreadsheet wrote it.

    Attributes:
        digits: all of its digits; None when some were rounded away.
        repair: the code that tells what was undone.
    """

    digits: str | None
    repair: str


def fold(raw: str) -> Folded:
    """Rewrites what has a plain ASCII form; time is linear in the text's length."""
    if raw.isascii():
        return Folded(raw, changed=False, reversed=False)
    text = "".join(map(_fold_character, _PICTURES.sub(" ", raw)))
    return Folded(text, changed=text != raw, reversed=_RIGHT_TO_LEFT_OVERRIDE in raw)


def _fold_character(character: str) -> str:
    if character.isascii():
        return character
    if character in _UNSEEN:
        return ""
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if _FULLWIDTH_FIRST <= ord(character) <= _FULLWIDTH_LAST:
        return chr(ord(character) - _FULLWIDTH_OFFSET)
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Cf":
            return ""
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Pd":
            return "-"
        case _:
            return character


def trim(text: str) -> str:
    """Removes spaces, quotes and loose punctuation from both ends, never a parenthesis."""
    return text.strip(_AROUND)


def unwrap_formula(text: str) -> str | None:
    """The content of `="..."` or `=...`; None when the text is no such formula."""
    found = _FORMULA.fullmatch(text)
    if found is None:
        return None
    return found["quoted"] if found["bare"] is None else found["bare"]


def read_sheet_number(text: str) -> SheetNumber | None:
    """Reads `2126641234.0`, `2.126641234E9` or `2,126,641,234`; None for other writing.

    A scientific number counts only with as many digits after the point as its power of ten:
    with fewer, a spreadsheet has replaced the last digits by nothing, and the zeros that a
    parser would put there are digits that nobody wrote.
    """
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is not None:
        return SheetNumber(_write_out(scientific), "ok_excel_scientific")
    found = _FLOAT.fullmatch(text)
    if found is not None:
        return SheetNumber(found["whole"], "ok_excel_float")
    # A first group of 1 is a country code before a number that lacks a digit.
    if _THOUSANDS.fullmatch(text) and not re.match(r"1\D", text) and not _is_address(text):
        digits = re.sub(r"\D", "", re.sub(r"[.,]0{1,2}$", "", text))
        return SheetNumber(digits, "ok_thousands_separator")
    return None


def _is_address(text: str) -> bool:
    """Whether the text is an IPv4 address too, as a wrongly mapped column holds them."""
    return all(part.isdecimal() and int(part) <= _OCTET_MAX for part in text.split("."))


def _write_out(found: re.Match[str]) -> str | None:
    part = found["part"] or ""
    power = int(found["power"])
    if found["sign"] == "-" or len(part) < power or part[power:].strip("0"):
        return None
    return found["whole"] + part[:power]
