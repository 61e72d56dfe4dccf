"""Plain writing: what has an ASCII form gets it, and spreadsheets' numbers are undone."""

import pytest

from dialer.rules.phones.text import (
    SheetNumber,
    fold,
    read_sheet_number,
    trim,
    unwrap_formula,
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\uff12\uff11\uff12", "212"),
        ("\u0662\u0661\u0662", "212"),
        ("\U0001d7d0\U0001d7cf\U0001d7d0", "212"),
        ("2\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e3", "212"),
        ("212\u2011664", "212-664"),
        ("212\u2212664", "212-664"),
        ("212\u00a0664", "212 664"),
        ("212\u2028917", "212\n917"),
        ("\ufeff\u200b212\u00ad", "212"),
        ("\uff0b\uff11", "+1"),
        ("“212”", '"212"'),
        ("\u260e\ufe0f 212", "  212"),
        ("🇺🇸 212", "  212"),
    ],
)
def test_what_has_a_plain_form_gets_it(raw: str, text: str) -> None:
    folded = fold(raw)
    assert folded.text == text
    assert folded.changed
    assert not folded.reversed


@pytest.mark.parametrize("raw", ["²12", "①12", "二一二", "2\u03361", "Ⅷ", "🇨🇦 212", "\ud800"])
def test_what_has_no_plain_form_stays(raw: str) -> None:
    assert fold(raw).text == raw


def test_ascii_is_left_alone() -> None:
    folded = fold("\x00 212\t")
    assert folded.text == "\x00 212\t"
    assert not folded.changed


def test_a_text_shown_in_reverse_is_marked() -> None:
    assert fold("\u202e4321").reversed


@pytest.mark.parametrize(
    ("text", "digits", "repair"),
    [
        ("2125550142.0", "2125550142", "ok_excel_float"),
        ("2125550142.000", "2125550142", "ok_excel_float"),
        ("2.125550142E9", "2125550142", "ok_excel_scientific"),
        ("2,125550142e+09", "2125550142", "ok_excel_scientific"),
        ("21.25550142E8", "2125550142", "ok_excel_scientific"),
        ("2.1255501420E9", "2125550142", "ok_excel_scientific"),
        ("2125550142E0", "2125550142", "ok_excel_scientific"),
        ("2.12555014E9", None, "ok_excel_scientific"),
        ("2.13E+09", None, "ok_excel_scientific"),
        ("2E9", None, "ok_excel_scientific"),
        ("2.1255501425E9", None, "ok_excel_scientific"),
        ("2125550142E-1", None, "ok_excel_scientific"),
        ("2.1E999", None, "ok_excel_scientific"),
        ("2,125,550,142", "2125550142", "ok_thousands_separator"),
        ("12,125,550,142", "12125550142", "ok_thousands_separator"),
        ("2.125.550.142", "2125550142", "ok_thousands_separator"),
        ("2 125 550 142", "2125550142", "ok_thousands_separator"),
        ("2'125'550'142", "2125550142", "ok_thousands_separator"),
        ("2,125,550,142.00", "2125550142", "ok_thousands_separator"),
        ("2,125,550,000", "2125550000", "ok_thousands_separator"),
    ],
)
def test_a_spreadsheets_number(text: str, digits: str | None, repair: str) -> None:
    assert read_sheet_number(text) == SheetNumber(digits, repair)


@pytest.mark.parametrize(
    "text",
    [
        "2125550142",
        "2125550142,0",
        "2125550142.5",
        "1,212,555,014",
        "2,125,550.142",
        "2,1255,50142",
        "2.125.250.142",
        "212-555-0142",
        "1E",
        "E9",
        "",
    ],
)
def test_other_writing_is_no_spreadsheets_number(text: str) -> None:
    assert read_sheet_number(text) is None


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('="2125550142"', "2125550142"),
        ('= "2125550142"', "2125550142"),
        ("=2125550142", "2125550142"),
        ("=+12125550142", "+12125550142"),
        ("=(212)555-0142", "(212)555-0142"),
        ('=""', ""),
        ("=SUM(A1)", None),
        ('=T("2125550142")', None),
        ("2125550142", None),
        ("=", None),
    ],
)
def test_a_formula_is_unwrapped(text: str, content: str | None) -> None:
    assert unwrap_formula(text) == content


def test_trimming_leaves_parentheses_and_plus_signs() -> None:
    assert trim(" '\"[<(212) 555-0142;>]\"' ") == "(212) 555-0142"
    assert trim(",+1 212.") == "+1 212"
    assert trim("...") == ""
