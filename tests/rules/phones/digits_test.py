"""The grammar of digits: prefixes, country codes, groups, lengths."""

import pytest

from dialer.rules.phones.codes import Accepted, Rejected
from dialer.rules.phones.digits import Judge, is_plain, read_digits
from dialer.rules.phones.plan import US_PLAN

_JUDGE = Judge(plan=US_PLAN, allow_territories=False)


def _read(text: str) -> Accepted | Rejected:
    return read_digits(text, _JUDGE, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("212 664 0142", "ok"),
        ("1 212 664 0142", "ok"),
        ("(+1) 212-664-0142", "ok"),
        ("+(1) 212-664-0142", "ok"),
        ("(1-212) 664-0142", "ok"),
        ("2126640142", "ok"),
        ("212 6640142", "ok"),
        ("212664 0142", "ok"),
        ("212 664 01 42", "ok"),
        ("2 1 2 6 6 4 0 1 4 2", "ok"),
        ("21 26 64 01 42", "ok"),
        ("21266 40142", "ok"),
        ("00 1 212 664 0142", "ok_intl_prefix"),
        ("011 1 212 664 0142", "ok_intl_prefix"),
        ("+00 1 212 664 0142", "ok_intl_prefix"),
        ("+1 1 212 664 0142", "ok_double_prefix"),
        ("+1 +1 212 664 0142", "ok_double_prefix"),
        ("++1 212 664 0142", "ok_double_prefix"),
        ("1 1 212 664 0142", "ok_double_prefix"),
        ("00 1 1 212 664 0142", "ok_double_prefix"),
    ],
)
def test_one_reading(text: str, code: str) -> None:
    assert is_plain(text)
    assert _read(text) == Accepted("+12126640142", code)


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("664-0142 (212)", "missing_area_code", "+12126640142"),
        ("6640142 212", "missing_area_code", "+12126640142"),
        ("664-0142 (800)", "missing_area_code", None),
        ("212.66.40.142", "extra_text", None),
        ("2024-06-07 10", "extra_text", None),
        ("2126-640-142", "extra_text", None),
        ("0 212 664 0142", "trunk_zero", "+12126640142"),
        ("0 1 212 664 0142", "trunk_zero", "+12126640142"),
        ("+1 (0) 212 664 0142", "trunk_zero", "+12126640142"),
        ("+0 212 664 0142", "trunk_zero", "+12126640142"),
        ("0 800 664 0142", "trunk_zero", None),
        ("+212 664 0142", "foreign_country", "+12126640142"),
        ("+44 20 7946 0958", "foreign_country", None),
        ("0044 20 7946 0958", "foreign_country", None),
        ("011 44 20 7946 0958", "foreign_country", None),
        ("+1 664 0142", "missing_area_code", None),
        ("1 664 0142", "missing_area_code", None),
        ("664 0142", "missing_area_code", None),
        ("+1 212 664 014", "too_short", None),
        ("1 212 664 014", "too_short", None),
        ("212664014", "too_short", None),
        ("+44", "too_short", None),
        ("+", "no_digits", None),
        ("1 1 1 212 664 0142", "too_long", None),
        ("10001 212 664 0142", "too_long", None),
        ("+1 212 664 01421", "too_long", None),
        ("1212664014", "bad_area_code", None),
        ("0126640142", "bad_area_code", None),
        ("911", "service_code", None),
        ("1 411", "service_code", None),
        ("988", "service_code", None),
        ("0", "placeholder", None),
        ("000-0000", "placeholder", None),
        ("555 5555", "placeholder", None),
        ("123456789", "placeholder", None),
        ("+1 000 000 0000", "placeholder", None),
        ("1 (234) 567-8901", "placeholder", None),
    ],
)
def test_no_reading(text: str, code: str, suggestion: str | None) -> None:
    assert is_plain(text)
    assert _read(text) == Rejected(code, suggestion)


def test_a_ten_digit_number_that_exists_abroad_gets_no_suggestion() -> None:
    # Singapore and Norway; read without the +, both would be US numbers (656 and 472).
    assert _read("656 223 0142") == Accepted("+16562230142", "ok")
    assert _read("+65 6223 0142") == Rejected("foreign_country", None)
    assert _read("+47 2215 0142") == Rejected("foreign_country", None)


def test_the_strongest_repair_is_told() -> None:
    verdict = read_digits("00 1 212 664 0142", _JUDGE, {"ok_trimmed", "ok_label"})
    assert verdict == Accepted("+12126640142", "ok_intl_prefix")
    verdict = read_digits("212 664 0142", _JUDGE, {"ok_trimmed", "ok_label"})
    assert verdict == Accepted("+12126640142", "ok_label")


@pytest.mark.parametrize("text", ["212x", "٢١٢", "212+664", "*67", "212:664", "212;664"])
def test_what_is_not_plain(text: str) -> None:
    assert not is_plain(text)


def test_suggestions_follow_the_choice_of_territories() -> None:
    judge = Judge(plan=US_PLAN, allow_territories=True)
    assert judge.suggest("7872340142") == "+17872340142"
    assert _JUDGE.suggest("7872340142") is None
    assert _JUDGE.suggest("212") is None
