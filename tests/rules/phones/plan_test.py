"""The numbering plan agrees with the library over every six-digit prefix, and adds to it."""

import pytest
from phonenumbers import PhoneNumber, is_valid_number_for_region

from dialer.rules.phones.digits import Judge, read_digits
from dialer.rules.phones.phone import ACCEPTED_CODES, US_PLAN, Accepted, NumberingPlan, normalise

# What we refuse although the library holds it for a valid US number.
_OURS = {
    "n11_exchange",
    "personal_number",
    "placeholder",
    "premium_rate",
    "special_exchange",
    "toll_free",
}
_JUDGE = Judge(plan=US_PLAN, allow_territories=False)
_NEW = ("357", "436", "457", "621", "624", "679", "729", "837", "861", "924")


def _code(national: str, *, allow_territories: bool = False) -> str:
    return US_PLAN.code_of(national, allow_territories=allow_territories)


@pytest.mark.parametrize("hundred", range(10))
def test_neither_path_ever_disagrees_with_the_library(hundred: int) -> None:
    """Every area code and exchange from 000-000 to 999-999, in ten parts."""
    wrong = []
    for prefix in range(hundred * 100_000, (hundred + 1) * 100_000):
        national = f"{prefix:06}0142"
        verdict = normalise(national)
        library = is_valid_number_for_region(
            PhoneNumber(country_code=1, national_number=int(national)),
            "US",
        )
        expected = library and verdict.code not in _OURS
        new = verdict.code == "ok_new_area_code" and national[:3] in US_PLAN.new_area_codes
        careful = read_digits(national, _JUDGE, ())
        if isinstance(verdict, Accepted) != (expected or new) or verdict != careful:
            wrong.append((national, verdict, careful, library))
    assert wrong == []


@pytest.mark.parametrize("area", _NEW)
def test_a_new_area_code_is_accepted_with_a_note(area: str) -> None:
    assert _code(f"{area}2340142") == "ok_new_area_code"
    assert _code(f"{area}5550142") == "ok_new_area_code"
    assert _code(f"{area}9110142") == "n11_exchange"
    assert _code(f"{area}9760142") == "special_exchange"
    assert _code(f"{area}0340142") == "bad_exchange"


def test_the_shipped_list_holds_the_ten() -> None:
    assert US_PLAN.new_area_codes == frozenset(_NEW)


@pytest.mark.parametrize(
    ("national", "code"),
    [
        ("7872340142", "ok"),
        ("9392340142", "ok"),
        ("3406420142", "ok"),
        ("6716490142", "ok"),
        ("6846220142", "ok"),
        ("6702340142", "ok"),
        ("7875550142", "ok_555_exchange"),
        ("7879110142", "n11_exchange"),
        ("6842000142", "bad_exchange"),
        ("8762340142", "not_us_caribbean"),
        ("2126640142", "ok"),
    ],
)
def test_territories_when_they_are_allowed(national: str, code: str) -> None:
    assert _code(national, allow_territories=True) == code


@pytest.mark.parametrize("national", ["7872340142", "3406420142", "6716490142", "6846220142"])
def test_territories_are_refused_unless_allowed(national: str) -> None:
    assert _code(national) == "us_territory"


@pytest.mark.parametrize(
    ("national", "code"),
    [
        ("8089590142", "ok"),
        ("2129590142", "special_exchange"),
        ("2129580142", "special_exchange"),
        ("2129500142", "special_exchange"),
        ("9836340142", "bad_exchange"),
        ("9832340142", "ok"),
        ("6002340142", "not_us_canada"),
        ("6222340142", "not_us_canada"),
        ("5242340142", "personal_number"),
        ("7002340142", "unassigned_area_code"),
        ("8092340142", "not_us_caribbean"),
        ("7212340142", "not_us_caribbean"),
        ("4165551212", "directory_assistance"),
        ("8005551212", "directory_assistance"),
        ("8009110142", "toll_free"),
        ("5555555555", "placeholder"),
        ("2345678901", "placeholder"),
        ("5551230142", "bad_exchange"),
    ],
)
def test_the_first_reason_is_the_one_told(national: str, code: str) -> None:
    assert _code(national) == code


def test_a_plan_of_ones_own() -> None:
    plan = NumberingPlan.of(
        new_area_codes=["222"],
        special_exchanges={"664": frozenset({"917"})},
    )
    assert normalise("222-234-0142", plan=plan).code == "ok_new_area_code"
    assert normalise("924-234-0142", plan=plan).code == "unassigned_area_code"
    assert normalise("212-664-0142", plan=plan).code == "special_exchange"
    assert normalise("917-664-0142", plan=plan).code == "ok"
    assert normalise("212-976-0142", plan=plan).code == "ok"


@pytest.mark.parametrize("code", ["12", "122", "2222", "abc", "", "\u0662\u0662\u0662"])
def test_a_table_with_something_else_in_it_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="neither an area code nor an exchange"):
        NumberingPlan.of(new_area_codes=[code], special_exchanges={})
    with pytest.raises(ValueError, match="neither an area code nor an exchange"):
        NumberingPlan.of(new_area_codes=[], special_exchanges={"976": frozenset({code})})


def test_every_verdict_of_the_plan_has_a_sentence() -> None:
    codes = {_code(f"{area}2340142") for area in range(200, 1000)}
    assert codes & set(ACCEPTED_CODES) == {"ok", "ok_new_area_code"}
