"""Where a person may be: every clue counts, none outranks another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.where.area_codes import AREA_CODES
from dialer.rules.where.states import EVERY_STATE, EVERY_ZONE
from dialer.rules.where.zones import STATES, Clue, known_zones, whereabouts

_SAID = {
    "timezone": st.none() | st.sampled_from(["America/Denver", "Europe/London"]),
    "postal_code": st.none() | st.sampled_from(["10001", "32465", "00000", "junk", "09012"]),
    "state": st.none() | st.sampled_from(["CA", "FL", "PR", "tx"]),
}
_PHONES = st.sampled_from([*AREA_CODES, "800", "999"]).map(lambda area: f"+1{area}5550142")


@pytest.mark.parametrize(
    ("phone", "zone", "state"),
    [
        ("+12125550142", "America/New_York", "NY"),
        ("+13125550142", "America/Chicago", "IL"),
        ("+16025550142", "America/Phoenix", "AZ"),
        ("+12135550142", "America/Los_Angeles", "CA"),
        ("+18085550142", "Pacific/Honolulu", "HI"),
        ("+16895550142", "America/New_York", "FL"),
        ("+17875550142", "America/Puerto_Rico", "PR"),
    ],
)
def test_an_area_code_in_one_zone(phone: str, zone: str, state: str) -> None:
    found = whereabouts(phone=phone)
    assert (found.zones, found.states) == ((zone,), (state,))


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+18505550142", {"America/New_York", "America/Chicago"}),
        ("+14485550142", {"America/New_York", "America/Chicago"}),
        ("+13645550142", {"America/New_York", "America/Chicago"}),
        ("+17295550142", {"America/New_York", "America/Chicago"}),
        ("+19305550142", {"America/Indiana/Indianapolis", "America/Chicago"}),
        ("+14585550142", {"America/Los_Angeles", "America/Boise"}),
        ("+19285550142", {"America/Phoenix", "America/Denver"}),
    ],
)
def test_a_code_that_spans_zones_and_its_overlay_yield_all(phone: str, zones: set[str]) -> None:
    assert set(whereabouts(phone=phone).zones) == zones


def test_an_explicit_zone_is_one_clue_among_others_and_names_no_state() -> None:
    found = whereabouts(phone="+12125550142", timezone="America/Denver")
    assert found.zones == ("America/Denver", "America/New_York")
    assert found.states == ("NY",)


def test_a_state_brings_all_its_zones() -> None:
    found = whereabouts(phone="+13125550142", state="FL")
    assert found.zones == ("America/Chicago", "America/New_York")
    assert found.states == ("FL", "IL")


def test_a_postal_code_brings_its_zones_and_states() -> None:
    found = whereabouts(phone="+12125550142", postal_code="42223-1234")
    assert found.zones == ("America/Chicago", "America/New_York")
    assert found.states == ("KY", "NY", "TN")


def test_all_clues_are_joined_and_told() -> None:
    found = whereabouts(
        phone="+12125550142", timezone="America/Denver", postal_code="90210", state="tx"
    )
    assert found.states == ("CA", "NY", "TX")
    assert found.because == (
        Clue("timezone", "America/Denver", ("America/Denver",), ()),
        Clue("postal_code", "90210", ("America/Los_Angeles",), ("CA",)),
        Clue("state", "tx", ("America/Chicago", "America/Denver"), ("TX",)),
        Clue("area_code", "212", ("America/New_York",), ("NY",)),
    )


@pytest.mark.parametrize("postal_code", ["00000", "K1A 0B1", "09012"])
def test_a_postal_code_that_says_nothing_says_so(postal_code: str) -> None:
    found = whereabouts(phone="+12125550142", postal_code=postal_code)
    assert (found.zones, found.states) == (("America/New_York",), ("NY",))
    clue = found.because[0]
    assert (clue.kind, clue.value, clue.zones, clue.states) == ("postal_code", postal_code, (), ())
    assert clue.note


def test_a_long_text_is_no_postal_code_and_is_cut() -> None:
    clue = whereabouts(phone="+12125550142", postal_code="10001" + " " * 40 + "x").because[0]
    assert clue.zones == ()
    assert len(clue.value) < 25


@pytest.mark.parametrize("area", ["800", "833", "900", "500", "416", "999"])
def test_a_number_that_says_nothing_may_be_anywhere_but_the_territories(area: str) -> None:
    found = whereabouts(phone=f"+1{area}5550142")
    assert found.zones == EVERY_ZONE
    assert found.states == EVERY_STATE
    assert [clue.kind for clue in found.because] == ["area_code", "nothing"]


def test_a_number_that_says_nothing_leaves_it_to_the_other_clues() -> None:
    found = whereabouts(phone="+18005550142", postal_code="90210")
    assert (found.zones, found.states) == (("America/Los_Angeles",), ("CA",))
    assert "nothing" not in {clue.kind for clue in found.because}


def test_a_zone_alone_leaves_every_state_open() -> None:
    found = whereabouts(phone="+18005550142", timezone="America/Denver")
    assert (found.zones, found.states) == (("America/Denver",), EVERY_STATE)
    assert found.because[-1] == Clue("nothing", "", (), EVERY_STATE)


@pytest.mark.parametrize("name", ["Mars/Olympus", "EST5EDT4", "America/Chicago " + "x" * 999])
def test_an_unreadable_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=r"^timezone: .* is not an IANA time zone") as refused:
        whereabouts(phone="+12125550142", timezone=name)
    assert len(str(refused.value)) < 220


@pytest.mark.parametrize("code", ["XX", "Texas", "T", "x" * 999])
def test_an_unreadable_state_is_refused_by_name(code: str) -> None:
    with pytest.raises(ValueError, match=r"^state: .* is not the two-letter code") as refused:
        whereabouts(phone="+12125550142", state=code)
    assert len(str(refused.value)) < 240


def test_blank_clues_are_no_clues() -> None:
    plain = whereabouts(phone="+12125550142")
    assert whereabouts(phone="+12125550142", timezone="", postal_code="", state="") == plain


def test_numbers_of_one_area_share_one_answer() -> None:
    first, second = (whereabouts(phone=f"+1212555{line}") for line in ("0142", "0143"))
    assert first is second


@given(phone=_PHONES, said=st.fixed_dictionaries(_SAID))
def test_the_answer_is_the_union_of_its_clues(phone: str, said: dict[str, str | None]) -> None:
    found = whereabouts(phone=phone, **said)
    assert found.zones == tuple(sorted({z for clue in found.because for z in clue.zones}))
    assert found.states == tuple(sorted({s for clue in found.because for s in clue.states}))
    assert found.zones
    assert found.states
    assert set(found.zones) <= known_zones()
    assert set(found.states) <= set(STATES)


@given(phone=_PHONES, said=st.fixed_dictionaries(_SAID), more=st.sampled_from(sorted(STATES)))
def test_one_more_clue_never_frees_a_place(
    phone: str, said: dict[str, str | None], more: str
) -> None:
    before = whereabouts(phone=phone, **{**said, "state": None})
    if all(clue.kind != "nothing" for clue in before.because):
        after = whereabouts(phone=phone, **{**said, "state": more})
        assert set(before.zones) <= set(after.zones)
        assert set(before.states) <= set(after.states)
