"""ZIP codes: what the package has is checked, what it has wrong is replaced."""

from pathlib import Path

import pytest
import zipcodes
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.where.postal_codes import (
    MILITARY,
    NOT_A_ZIP,
    UNKNOWN,
    PostalArea,
    postal_area,
    read_overrides,
)
from dialer.rules.where.states import STATES, rows, zone_of_state
from tests.support.zip_ranges import lines

_OVERRIDES = rows("zip_overrides.csv")
_PACKAGED = {row["zip_code"]: row for row in zipcodes.list_all()}  # type: ignore[no-untyped-call]  # the package has no annotations


@pytest.mark.parametrize("text", ["10001", "10001-1234", "10001 1234", "100011234", " 10001\n"])
def test_a_zip_and_its_longer_forms(text: str) -> None:
    assert postal_area(text) == PostalArea(("NY",), ("America/New_York",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1000",
        "2134",
        "100010",
        "10001-",
        "10001-12",
        "10001x",
        "K1A 0B1",
        "1000\u0661",
        "none",
    ],
)
def test_what_is_no_zip_says_nothing(text: str) -> None:
    assert postal_area(text) == NOT_A_ZIP


@given(st.text(max_size=40))
def test_any_text_is_answered_and_never_half(text: str) -> None:
    area = postal_area(text)
    assert bool(area.states) == bool(area.zones)
    assert area.states or area.note


def test_an_unknown_zip_says_nothing() -> None:
    assert postal_area("00000") == UNKNOWN


@pytest.mark.parametrize("text", ["09012", "34002", "96201", "09905"])
def test_a_military_address_is_no_place(text: str) -> None:
    area = postal_area(text)
    assert (area.states, area.zones) == ((), ())
    assert "military" in area.note
    assert not MILITARY.zones


@pytest.mark.parametrize(
    ("code", "states", "zones"),
    [
        ("32465", "FL", {"America/New_York", "America/Chicago"}),
        ("42223", "KY TN", {"America/Chicago"}),
        ("37405", "TN", {"America/New_York"}),
        ("79942", "TX", {"America/Denver"}),
        ("83522", "ID", {"America/Los_Angeles"}),
        ("86045", "AZ", {"America/Denver", "America/Phoenix"}),
        ("89883", "NV", {"America/Denver"}),
        ("99634", "AK", {"America/Anchorage"}),
        ("88888", "", set()),
    ],
)
def test_what_the_package_has_wrong_or_too_narrow(code: str, states: str, zones: set[str]) -> None:
    area = postal_area(code)
    assert area.states == tuple(states.split())
    assert set(area.zones) == zones
    assert area.note


@pytest.mark.parametrize(
    ("code", "state", "zone"),
    [
        ("90210", "CA", "America/Los_Angeles"),
        ("60601", "IL", "America/Chicago"),
        ("40202", "KY", "America/New_York"),
        ("47150", "IN", "America/Indiana/Indianapolis"),
        ("85001", "AZ", "America/Phoenix"),
        ("99762", "AK", "America/Anchorage"),
        ("96813", "HI", "Pacific/Honolulu"),
        ("00901", "PR", "America/Puerto_Rico"),
        ("96799", "AS", "Pacific/Pago_Pago"),
    ],
)
def test_ordinary_zips(code: str, state: str, zone: str) -> None:
    assert postal_area(code) == PostalArea((state,), (zone,))


def test_every_zip_of_the_package_in_a_state_is_kept_or_overridden() -> None:
    overridden = {row["postal_code"] for row in _OVERRIDES}
    for code, row in _PACKAGED.items():
        area = postal_area(code)
        if code in overridden:
            continue
        if row["state"] not in STATES:
            assert area in (MILITARY, UNKNOWN), code
            continue
        zone = zone_of_state(row["state"], row["timezone"])
        assert zone is not None, f"{code}: {row['state']} does not keep {row['timezone']}"
        assert area == PostalArea((row["state"],), (zone,)), code


def test_an_override_changes_something() -> None:
    for row in _OVERRIDES:
        packaged = _PACKAGED[row["postal_code"]]
        zone = zone_of_state(packaged["state"], packaged["timezone"])
        assert (row["states"], row["zones"]) != (packaged["state"], zone), row["postal_code"]


def test_overrides_are_sorted_and_told_once() -> None:
    codes = [row["postal_code"] for row in _OVERRIDES]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    "change",
    [
        {"postal_code": "1000"},
        {"states": "ZZ"},
        {"zones": "Europe/Paris"},
        {"zones": ""},
        {"states": ""},
        {"note": ""},
    ],
)
def test_a_bad_override_is_refused_by_name(change: dict[str, str]) -> None:
    row = {"postal_code": "10001", "states": "NY", "zones": "America/New_York", "note": "why"}
    with pytest.raises(ValueError, match=r"zip_overrides\.csv, row '1000"):
        read_overrides([row | change])


def test_the_table_is_what_the_package_gives() -> None:
    path = Path(__file__).parents[3] / "dialer/rules/data/zip_ranges.csv"
    assert path.read_text("utf-8").splitlines() == list(lines()), "make it anew: see its maker"


def test_a_code_between_two_neighbours_of_one_area_is_taken_for_theirs() -> None:
    known = sorted(_PACKAGED)
    gap = next(
        f"{number:05}"
        for number in range(10001, 10300)
        if f"{number:05}" not in _PACKAGED and postal_area(f"{number:05}").states
    )
    before, after = max(c for c in known if c < gap), min(c for c in known if c > gap)
    assert postal_area(before) == postal_area(after) == postal_area(gap)
