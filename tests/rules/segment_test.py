"""Filters over leads: what they keep, and what is refused by name."""

from typing import Any
from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.rules.errors import InvalidInputError
from dialer.rules.segment import Segment, for_redial
from dialer.rules.where.area_codes import AREA_CODES

ID = UUID("0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10")


def test_a_filter_that_says_nothing_means_leads_that_were_called_to_the_end() -> None:
    assert Segment.parse({}).states == ("done", "expired")
    assert Segment.parse({}).as_dict() == {"states": ["done", "expired"]}


def test_a_filter_reads_back_as_it_is_kept() -> None:
    given: dict[str, Any] = {
        "campaign_ids": [str(ID)],
        "source_ids": [str(ID)],
        "states": ["waiting", "done"],
        "last_outcomes": ["busy", "no_answer"],
        "us_states": ["FL", "TX"],
        "attributes": {"plan": "gold", "score": 5, "vip": True, "rate": 1.5},
        "attempts_min": 0,
        "attempts_max": 3,
        "not_called_for_days": 30,
        "created_within_days": 90,
    }
    kept = Segment.parse(given).as_dict()
    assert kept == given
    assert Segment.parse(kept) == Segment.parse(given)


def test_what_is_named_twice_counts_once() -> None:
    read = Segment.parse({"campaign_ids": [str(ID), str(ID).upper()], "us_states": ["TX", "TX"]})
    assert read.campaign_ids == (ID,)
    assert read.us_states == ("TX",)


def test_a_state_stands_for_the_area_codes_that_serve_it() -> None:
    codes = Segment.parse({"us_states": ["FL"]}).area_codes
    assert {"305", "689", "850"} <= set(codes)
    assert all("FL" in AREA_CODES[code].states for code in codes)
    assert Segment.parse({}).area_codes == ()


@pytest.mark.parametrize(
    ("given", "pointer", "suggestion"),
    [
        ({"outcomes": ["busy"]}, "/filter/outcomes", "last_outcomes"),
        ({"last_outcomes": ["no_anser"]}, "/filter/last_outcomes/0", "no_answer"),
        ({"last_outcomes": ["busy", "opted_out"]}, "/filter/last_outcomes", None),
        ({"last_outcomes": [None]}, "/filter/last_outcomes/0", None),
        ({"states": ["finished"]}, "/filter/states/0", None),
        ({"us_states": ["FL", "fl"]}, "/filter/us_states/1", "FL"),
        ({"us_states": {}}, "/filter/us_states", None),
        ({"campaign_ids": ["x"]}, "/filter/campaign_ids/0", None),
        ({"campaign_ids": [str(ID)] * 101}, "/filter/campaign_ids", None),
        ({"attributes": []}, "/filter/attributes", None),
        ({"attributes": {"a": None}}, "/filter/attributes", None),
        ({"attributes": {"a": {"b": 1}}}, "/filter/attributes", None),
        ({"attributes": {"a": float("inf")}}, "/filter/attributes", None),
        ({"attributes": {"a": 10**30}}, "/filter/attributes", None),
        ({"attributes": {"a": "x" * 1_001}}, "/filter/attributes", None),
        ({"attributes": {"": "x"}}, "/filter/attributes", None),
        ({"attributes": dict.fromkeys(map(str, range(11)), 1)}, "/filter/attributes", None),
        ({"attempts_min": -1}, "/filter/attempts_min", None),
        ({"attempts_min": True}, "/filter/attempts_min", None),
        ({"attempts_min": 3, "attempts_max": 2}, "/filter/attempts_max", None),
        ({"not_called_for_days": 0}, "/filter/not_called_for_days", None),
        ({"created_within_days": 1.5}, "/filter/created_within_days", None),
    ],
)
def test_what_can_not_be_is_named_with_its_place_and_a_likely_right_value(
    given: dict[str, object], pointer: str, suggestion: str | None
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Segment.parse(given)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.suggestion) == (pointer, suggestion)
    assert len(fault.message) < 700


def test_a_redial_means_the_done_leads_of_its_campaign() -> None:
    campaign = new_id()
    read = for_redial(
        campaign_id=campaign, outcomes=["no_answer", "busy"], narrowed={"us_states": ["TX"]}
    )
    assert read.as_dict() == {
        "campaign_ids": [str(campaign)],
        "states": ["done"],
        "last_outcomes": ["busy", "no_answer"],
        "us_states": ["TX"],
    }


@pytest.mark.parametrize(
    ("outcomes", "narrowed", "pointer"),
    [
        ([], {}, "/outcomes"),
        (["no_answr"], {}, "/outcomes/0"),
        (["opted_out"], {}, "/outcomes"),
        (["busy"], {"states": ["waiting"]}, "/filter/states"),
        (["busy"], {"campaign_ids": [str(ID)]}, "/filter/campaign_ids"),
        (["busy"], {"last_outcomes": ["busy"]}, "/filter/last_outcomes"),
        (["busy"], {"us_states": ["XX"]}, "/filter/us_states/0"),
    ],
)
def test_a_redial_that_can_not_be_is_refused_by_part(
    outcomes: list[str], narrowed: dict[str, object], pointer: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        for_redial(campaign_id=ID, outcomes=outcomes, narrowed=narrowed)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
