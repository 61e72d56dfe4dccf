"""Makes `dialer/rules/data/zip_ranges.csv` of the `zipcodes` package.

    python -m tests.support.zip_ranges > dialer/rules/data/zip_ranges.csv

The package's own table takes half a second and 60 MB to read, in every process.
"""

import sys
from collections.abc import Iterator

import zipcodes

from dialer.rules.where.states import STATES, zone_of_state

HEADER = "first,last,state,zone"


def packaged() -> dict[str, tuple[str, str] | None]:
    """Every ZIP of the package with its state and zone; None where it is no place or not sound."""
    return {
        row["zip_code"]: _area(row["state"], row["timezone"])
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]  # the package has no annotations
    }


def lines() -> Iterator[str]:
    """The table: ZIPs one after the other that have one state and one zone are a row."""
    yield HEADER
    first = last = ""
    area: tuple[str, str] | None = None
    for code, found in sorted(packaged().items()):
        if found != area:
            if area is not None:
                yield ",".join((first, last, *area))
            first, area = code, found
        last = code
    if area is not None:
        yield ",".join((first, last, *area))


def _area(state: str, zone: str) -> tuple[str, str] | None:
    kept = zone_of_state(state, zone) if state in STATES else None
    return None if kept is None else (state, kept)


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
