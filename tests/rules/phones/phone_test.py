"""Raw phone texts: every known case, and what must hold for any text whatever."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.phones.digits import PLAIN_WRITING, Judge
from dialer.rules.phones.phone import (
    ACCEPTED_CODES,
    REJECTED_CODES,
    Accepted,
    area_code,
    mask,
    normalise,
)
from dialer.rules.phones.plan import US_PLAN
from dialer.rules.phones.reading import read
from dialer.rules.phones.text import fold

_CASES_FILE = Path(__file__).with_name("phone_cases.csv")
with _CASES_FILE.open(encoding="utf-8", newline="") as _file:
    _CASES = list(csv.DictReader(_file))

_E164 = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}", re.ASCII)
_TOKENS = (
    *"0123456789",
    *(" ", "-", ".", "(", ")", "+", "/", ",", ";", "|", "#", "=", '"', "'", "*", "\n", ":", "_"),
    *("1", "+1", "00", "011", "212", "664", "0142", "555", "2126640142", "664-0142", "800", "E9"),
    *("x", "ext", "or", "cell", "home", "tel:", "o", "l", "ABCD", "e", ".0", "(0)", "and", "Pat"),
    *("\u200b", "\u00a0", "\u2011", "\uff12", "\u0662", "\u202e", "\u00b2", "\ud800", "\x00"),
)
_FIELDS = st.lists(st.sampled_from(_TOKENS), max_size=14).map("".join)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: ascii(case["raw"])[:60])
def test_the_known_cases(case: dict[str, str]) -> None:
    verdict = normalise(case["raw"])
    if isinstance(verdict, Accepted):
        given_back = (verdict.e164, verdict.code, "")
    else:
        given_back = ("", verdict.code, verdict.suggestion or "")
    assert given_back == (case["expected"], case["reason"], case["suggestion"])


def test_every_code_has_a_case() -> None:
    assert {case["reason"] for case in _CASES} == {*ACCEPTED_CODES, *REJECTED_CODES}


def _check_any_text(raw: str) -> None:
    """Holds for any text: only sound numbers come out, and no digit that nobody wrote."""
    verdict = normalise(raw)
    if isinstance(verdict, Accepted):
        assert verdict.code in ACCEPTED_CODES
        assert _E164.fullmatch(verdict.e164)
        assert verdict.e164[2:] in re.sub(r"\D", "", fold(raw).text, flags=re.ASCII)
        again = normalise(verdict.e164)
        assert isinstance(again, Accepted)
        assert again.e164 == verdict.e164
        assert again.code in {"ok", "ok_new_area_code", "ok_555_exchange"}
        return
    assert verdict.code in REJECTED_CODES
    for number in (verdict.suggestion or "").split("|"):
        assert not number or isinstance(normalise(number), Accepted)


@given(_FIELDS)
def test_any_field_of_likely_pieces(raw: str) -> None:
    _check_any_text(raw)


@given(st.text(max_size=60))
def test_any_text(raw: str) -> None:
    _check_any_text(raw)


@given(
    area=st.sampled_from(["212", "917", "415", "800", "416", "787", "924", "222", "983", "234"]),
    exchange=st.integers(min_value=0, max_value=999),
    line=st.integers(min_value=0, max_value=9999),
    writing=st.sampled_from(
        ["{}{}{}", "({}) {}-{}", "{}-{}-{}", "+1{}{}{}", "1 {} {} {}", "+1.{}.{}.{}", "({}){}-{}"],
    ),
)
def test_plain_writing_is_read_as_the_careful_path_reads_it(
    area: str,
    exchange: int,
    line: int,
    writing: str,
) -> None:
    raw = writing.format(area, f"{exchange:03}", f"{line:04}")
    assert PLAIN_WRITING.fullmatch(raw)
    careful = read(f"{raw[:-1]}{raw[-1]}", Judge(plan=US_PLAN, allow_territories=False))
    assert normalise(raw) == careful
    national = f"{area}{exchange:03}{line:04}"
    assert normalise(raw).code == US_PLAN.code_of(national, allow_territories=False)


def test_territories_are_a_choice() -> None:
    assert normalise("787-234-0142").code == "us_territory"
    assert normalise("787-234-0142", allow_territories=True) == Accepted("+17872340142", "ok")
    verdict = normalise("cell: 787-234-0142", allow_territories=True)
    assert verdict == Accepted("+17872340142", "ok_label")


def test_the_area_code_of_a_number() -> None:
    assert area_code("+12125550142") == "212"


@pytest.mark.parametrize(
    "text", ["", "2125550142", "+1212555014", "+442079460958", "+1\u0662\u0661\u06625550142"]
)
def test_only_a_us_number_has_an_area_code(text: str) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        area_code(text)


def test_a_masked_number_keeps_what_support_needs() -> None:
    assert mask("+12125550142") == "+1212***0142"


@pytest.mark.parametrize("text", ["", "2125550142", "+442079460958", "Pat 212-555-0142"])
def test_a_mask_shows_nothing_of_other_text(text: str) -> None:
    assert mask(text) == "***"
