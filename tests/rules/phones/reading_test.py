"""The careful path: its steps in order, and its bounds on hostile text."""

import time

import pytest

from dialer.rules.phones.codes import Accepted, Rejected
from dialer.rules.phones.digits import Judge
from dialer.rules.phones.plan import US_PLAN
from dialer.rules.phones.reading import MAX_LENGTH, read

_JUDGE = Judge(plan=US_PLAN, allow_territories=False)


def _read(raw: str) -> Accepted | Rejected:
    return read(raw, _JUDGE)


@pytest.mark.parametrize("raw", ["", " \t\r\n", "\u200b\ufeff", "''", '""', '=""', "\u2800"])
def test_nothing(raw: str) -> None:
    assert _read(raw) == Rejected("empty")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("9" * (MAX_LENGTH + 1), "too_long"),
        ("a" * 1_000_000, "extra_text"),
        (" " * 1_000_000, "empty"),
        ("27" * (MAX_LENGTH // 2), "too_long"),
    ],
)
def test_length_is_bounded(raw: str, code: str) -> None:
    assert _read(raw) == Rejected(code)


def test_space_around_a_number_does_not_count() -> None:
    assert _read("212-664-0142" + " " * 1_000) == Accepted("+12126640142", "ok_trimmed")


@pytest.mark.parametrize(
    "part",
    [
        *("-", "1 ", "a1", "cell ", "(", "x", "212-664-0142 ", "2,", ";", "my ", "= ", "#", "+"),
        *("x 1", "1 or ", "U.S.", "e", "|", "\n", "ext", "{", "O", "1-", ".0", "/", "\x00"),
        *("\u0662", "\u200b"),
    ],
)
def test_no_text_is_expensive(part: str) -> None:
    """Hundreds of readings of the worst text fit in the processor time of a slow machine."""
    start = time.thread_time()
    for end in ("", "1", "!", "a", " cell", " ext 5"):
        text = (part * MAX_LENGTH)[: MAX_LENGTH - len(end)] + end
        for _ in range(5):
            _read(text)
    assert time.thread_time() - start < 5


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("212-555-0142 / 800-555-0143", "multiple_numbers", "+12125550142"),
        ("800-555-0142 / 900-555-0143", "multiple_numbers", None),
        ("555-0142 / 555-0143", "multiple_numbers", None),
        ("212-555-0142 / (212) 555-0142", "multiple_numbers", "+12125550142"),
        ("212-555-0142 x5 / 917-555-0143", "multiple_numbers", "+12125550142|+19175550143"),
        ("212-555-0142 917-555-0143", "multiple_numbers", "+12125550142|+19175550143"),
        ("+12125550142+19175550143", "multiple_numbers", "+12125550142|+19175550143"),
        ("Pat 212-555-0142 Kim 917-555-0143", "multiple_numbers", "+12125550142|+19175550143"),
        ("Kim 212-555-0142 fax 917-555-0143", "multiple_numbers", None),
        ("212-555-0142 / fax 917-555-0143", "multiple_numbers", "+12125550142"),
        ("212-555-0142, 0143", "multiple_numbers", "+12125550142"),
        ("212-555-0142 ext 5 or 6", "extension", "+12125550142"),
        ("212-555-0142 ext 12345678", "extension", "+12125550142"),
        ("800-555-0142 ext 5", "toll_free", None),
        ("555-0142 ext 5", "missing_area_code", None),
        ("do not call 212-555-0142", "extra_text", None),
        ("212-555-0142 (fax)", "extra_text", None),
        ("Pat 212-555-0142", "extra_text", "+12125550142"),
        ("Pat 800-555-0142", "toll_free", None),
        ("$212-555-0142.50", "extra_text", None),
        ("+44 212 555 0142 Pat", "foreign_country", None),
        ("1-800-MY-HOME", "too_short", None),
        ("1-800-CALL-HOME", "toll_free", None),
        ("212-555-ABCDE", "letters", None),
        ("212-555 home", "too_short", None),
        ("phone: unknown", "placeholder", None),
        ("*67", "service_code", None),
        ("*67 212-555-0142", "extra_text", None),
        ("\u202e2410555212", "extra_text", None),
        ("2125550142\x00", "extra_text", "+12125550142"),
        ("Z12-555-0142 Pat", "letters", None),
        ("2l2-555-01", "lookalike_letters", None),
        ("8OO-555-0142", "toll_free", None),
    ],
)
def test_refusals(raw: str, code: str, suggestion: str | None) -> None:
    assert _read(raw) == Rejected(code, suggestion)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("\u200b cell: 212-664-0142", "ok_label"),
        ('="cell: 212-664-0142"', "ok_formula"),
        ("cell: 2126640142.0", "ok_excel_float"),
        ("\u00a0212-664-0142", "ok_unicode"),
        ("212-664-0142\n", "ok_trimmed"),
        ("-2126640142", "ok_trimmed"),
        ("212\n664\n0142", "ok"),
        ("212,664,0142", "ok"),
        ("212/664-0142", "ok"),
    ],
)
def test_repairs(raw: str, code: str) -> None:
    assert _read(raw) == Accepted("+12126640142", code)
