"""`python -m benchmarks [--json] [NAME ...]`: run the measures, each beside its reference."""

import argparse
import importlib
import json
import sys

from benchmarks.measure import Measure

NAMES = (
    "normaliser",
    "openings",
    "claiming",
    "window_opening",
    "speed_to_lead",
    "throughput",
    "pace",
    "history_budget",
    "settling",
)
SIZED = frozenset({"claiming", "window_opening"})
"""Those whose size can be chosen."""


def main() -> None:
    """Run the named measures, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="an object a line")
    sized = " and ".join(sorted(SIZED))
    parser.add_argument("--leads", type=int, help=f"how many wait, in {sized}")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(NAMES))
    if unknown:
        parser.error(f"{unknown[0]!r} is not a measure; known: {', '.join(NAMES)}")
    for name in given.names or NAMES:
        size = {"leads": given.leads} if given.leads and name in SIZED else {}
        found: list[Measure] = importlib.import_module(f"benchmarks.{name}").measure(**size)
        for measure in found:
            _show(measure, as_json=given.json)


def _show(measure: Measure, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(measure.as_row()))
    else:
        print(
            f"{measure.name:32} {measure.value:12,.1f} {measure.unit:9} "
            f"{measure.ratio:7.2f} x  {measure.reference} ({measure.reference_value:,.1f})"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
