"""Decides what ten digits are in the North American Numbering Plan: dialable, or why not.

Areas and patterns come from the metadata of the `phonenumbers` library; what it lacks (area
codes newer than its data, exchanges that no person answers) comes from two editable tables in
`dialer/rules/data`.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
_EXCHANGE_STARTS = "23456789"
# Keyboard runs that people type to get past a required field; 234-567-8901 is 1234567890 with
# its 1 taken for a country code.
_RUNS = ("0123456789", "0987654321", "1234567890", "2345678901", "9876543210")


def _metadata(region: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(region)
    if found is None:  # pragma: no cover - the library ships every region that it lists
        raise LookupError(f"phonenumbers has no metadata for {region}")
    return found


def _pattern(*descriptions: PhoneNumberDesc | None) -> str:
    """Joins the national number patterns of a region; a kind that it lacks matches nothing."""
    patterns = [each.national_number_pattern for each in descriptions if each is not None]
    return "|".join(f"(?:{pattern})" for pattern in patterns if pattern) or r"(?!)"


@cache
def _dialable(region: str) -> re.Pattern[str]:
    found = _metadata(region)
    return re.compile(_pattern(found.fixed_line, found.mobile), re.ASCII)


def _serves(pattern: str, area: str) -> bool:
    compiled = re.compile(pattern, re.ASCII)
    return any(compiled.fullmatch(f"{area}{start}345678") for start in _EXCHANGE_STARTS)


@cache
def _region_of(area: str) -> str | None:
    """The +1 country or territory that an area code belongs to; None where it has no one."""
    for region in COUNTRY_CODE_TO_REGION_CODE[1]:
        leading = _metadata(region).leading_digits
        if leading is not None and re.match(leading, f"{area}2"):
            return region
    for region in ("US", "CA"):
        if _serves(_dialable(region).pattern, area):
            return region
    return None


@cache
def _area_code(area: str) -> str:
    """An area code's verdict as the library's data has it: "ok" or a refusal."""
    american, canadian = _metadata("US"), _metadata("CA")
    match _region_of(area):
        case "US":
            return "ok"
        case "CA":
            return "not_us_canada"
        case None:
            pass
        case territory if territory in _TERRITORIES:
            return "us_territory"
        case _:
            return "not_us_caribbean"
    kinds = (
        ("toll_free", _pattern(american.toll_free)),
        ("premium_rate", _pattern(american.premium_rate)),
        ("personal_number", _pattern(american.personal_number)),
        ("not_us_canada", _pattern(canadian.personal_number, canadian.voip)),
    )
    served = (code for code, pattern in kinds if _serves(pattern, area))
    return next(served, "unassigned_area_code")


def _everyday_areas() -> frozenset[str]:
    """US area codes that take any exchange; the test of agreement tries them all."""
    pattern = _dialable("US")
    ends = [f"{start}345678" for start in _EXCHANGE_STARTS]
    return frozenset(
        area
        for area in map(str, range(200, 1000))
        if all(pattern.fullmatch(area + end) for end in ends)
        and not any(run.startswith(area) for run in _RUNS)
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files("dialer.rules").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingPlan:
    """What the normaliser knows of the numbering plan beyond the library.

    Attributes:
        new_area_codes: US area codes in service that the library still refuses.
        special_exchanges: an exchange that reaches no person, and the area codes where it is
            an ordinary one all the same.
        everyday_areas: US area codes of the library's data in which every exchange is alike.
        everyday_exchanges: the exchanges that are ordinary in all of those areas.
    """

    new_area_codes: frozenset[str]
    special_exchanges: Mapping[str, frozenset[str]]
    everyday_areas: frozenset[str]
    everyday_exchanges: frozenset[str]

    @classmethod
    def of(
        cls,
        *,
        new_area_codes: Iterable[str],
        special_exchanges: Mapping[str, frozenset[str]],
    ) -> Self:
        """Builds a plan from its tables.

        Raises:
            ValueError: a code in a table is not three digits with the first from 2 to 9.
        """
        areas = frozenset(new_area_codes)
        for code in (*areas, *special_exchanges, *frozenset().union(*special_exchanges.values())):
            if not re.fullmatch(r"[2-9]\d\d", code, re.ASCII):
                raise ValueError(f"{code!r} is neither an area code nor an exchange")
        return cls(
            new_area_codes=areas,
            special_exchanges=dict(special_exchanges),
            everyday_areas=_everyday_areas(),
            everyday_exchanges=frozenset(
                exchange
                for exchange in map(str, range(200, 1000))
                if exchange != "555" and exchange[1:] != "11" and exchange not in special_exchanges
            ),
        )

    @classmethod
    def from_package(cls) -> Self:
        """Reads the two tables that ship with the package.

        Raises:
            ValueError: a table holds something other than three-digit codes.
        """
        return cls.of(
            new_area_codes=[row["area_code"] for row in _rows("new_area_codes.csv")],
            special_exchanges={
                row["exchange"]: frozenset(row["except_area_codes"].split())
                for row in _rows("special_exchanges.csv")
            },
        )

    def code_of(self, national: str, *, allow_territories: bool) -> str:
        """Judges ten ASCII digits: area code, exchange and line.

        Returns:
            "ok", "ok_new_area_code" or "ok_555_exchange", or the code of a refusal.
        """
        area, exchange = national[:3], national[3:6]
        if area in self.everyday_areas and exchange in self.everyday_exchanges:
            return "ok"
        if len(set(national)) == 1 or national in _RUNS:
            return "placeholder"
        if area[0] in "01" or area[1:] == "11":
            return "bad_area_code"
        if exchange[0] in "01":
            return "bad_exchange"
        verdict = self._area_verdict(area)
        if verdict == "unassigned_area_code":
            return verdict
        if national[3:] == "5551212":
            return "directory_assistance"
        if not (verdict.startswith("ok") or (verdict == "us_territory" and allow_territories)):
            return verdict
        return self._exchange_verdict(national) or self._note(exchange, verdict)

    def _area_verdict(self, area: str) -> str:
        verdict = _area_code(area)
        if verdict == "unassigned_area_code" and area in self.new_area_codes:
            return "ok_new_area_code"
        return verdict

    def _exchange_verdict(self, national: str) -> str | None:
        area, exchange = national[:3], national[3:6]
        if exchange[1:] == "11":
            return "n11_exchange"
        ordinary_in = self.special_exchanges.get(exchange)
        if ordinary_in is not None and area not in ordinary_in:
            return "special_exchange"
        region = _region_of(area)
        if region is not None and not _dialable(region).fullmatch(national):
            return "bad_exchange"
        return None

    @staticmethod
    def _note(exchange: str, verdict: str) -> str:
        if verdict == "ok_new_area_code":
            return verdict
        return "ok_555_exchange" if exchange == "555" else "ok"


US_PLAN = NumberingPlan.from_package()
