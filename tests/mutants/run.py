"""Takes out each guard of the protocol in a copy of the checkout, and shows that a test fails.

python -m tests.mutants.run
python -m tests.mutants.run --only one_open_call --only no_retry
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

from tests.mutants.bench import Bench, Verdict
from tests.mutants.guard import Guard
from tests.mutants.guards import GUARDS


def main() -> int:
    """Try what the arguments ask for; 1 where a mutant lives that nobody called equivalent."""
    given = _arguments()
    chosen = [g for g in GUARDS if not given.only or g.name in given.only]
    with ExitStack() as stack:
        benches = [stack.enter_context(Bench()) for _ in range(given.jobs)]
        red = benches[0].try_all(chosen)
        if red is not None:
            _say(f"red without any mutant, so nothing can be shown:\n{red}")
            return 1
        verdicts = _try_each(benches, chosen)
    return _report(chosen, verdicts)


def _try_each(benches: Sequence[Bench], guards: Sequence[Guard]) -> list[Verdict]:
    free: SimpleQueue[Bench] = SimpleQueue()
    for bench in benches:
        free.put(bench)
    pool = ThreadPoolExecutor(len(benches))
    try:
        return list(pool.map(lambda guard: _try(free, guard), guards))
    finally:
        # Whoever stops this with Ctrl-C has stopped the tests under way, too.
        pool.shutdown(cancel_futures=True)


def _try(free: SimpleQueue[Bench], guard: Guard) -> Verdict:
    bench = free.get()
    try:
        verdict = bench.try_without(guard)
    finally:
        free.put(bench)
    _say(_line(guard, verdict))
    return verdict


def _line(guard: Guard, verdict: Verdict) -> str:
    seconds = f"{verdict.seconds:4.0f} s"
    if verdict.killer is not None:
        return f"{'killed':<11}{seconds}  {guard.name:<48}{verdict.killer}"
    if guard.equivalent is not None and verdict.why == "survived":
        return f"{'equivalent':<11}{seconds}  {guard.name:<48}{guard.equivalent}"
    return f"{verdict.why.upper():<11}{seconds}  {guard.name:<48}{guard.keeps}"


def _report(guards: Sequence[Guard], verdicts: Sequence[Verdict]) -> int:
    tried = list(zip(guards, verdicts, strict=True))
    alive = [(g, v) for g, v in tried if v.killer is None]
    unexplained = [(g, v) for g, v in alive if g.equivalent is None or v.why != "survived"]
    _say(
        f"\n{len(tried)} guards: {len(tried) - len(alive)} missed by a test, "
        f"{len(alive) - len(unexplained)} equivalent, {len(unexplained)} missed by nobody"
    )
    for guard, verdict in unexplained:
        _say(f"\n{guard.name}: {verdict.why}\n{verdict.told}")
    # An equivalent mutant that dies is no longer one, and its reason is out of date.
    outdated = [g.name for g, v in tried if g.equivalent is not None and v.killer is not None]
    for name in outdated:
        _say(f"\n{name}: called equivalent, and yet it was killed")
    return 1 if unexplained or outdated else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.run", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at once")
    parser.add_argument(
        "--only", action="append", choices=[g.name for g in GUARDS], help="one of them, or several"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
