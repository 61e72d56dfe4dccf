"""A copy of the checkout in which one guard after the other is taken out and put back."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.mutants.guard import Guard

ROOT = Path(__file__).parents[2]
TEST_SECONDS = 90.0
"""What a single test may take; none takes a third of it."""

_LIMIT_SECONDS = 900.0
_TO_STOP_SECONDS = 20.0
_RED, _GREEN = 1, 0
_FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
_TIMED_OUT = "Timeout (>"
_TOLD_LINES = 25
_MODEL_SCHEDULES = "400"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        why: `killed`: a test failed. `survived`: none did. `timed out`: one waited for ever.
            `broken`: the tests could not be run, which shows nothing.
        killer: The test that failed; None unless it was killed.
        told: The end of what the tests said.
        seconds: How long it took.
    """

    why: Literal["killed", "survived", "timed out", "broken"]
    killer: str | None
    told: str
    seconds: float


class Bench:
    """A copy of the checkout in a temporary folder, and everything that its tests start."""

    def __init__(self) -> None:
        """Copies what Git knows or would take; caches of byte code are neither."""
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        self._folder.chmod(0o711)
        self.tree = self._folder / "tree"
        self._temporary = self._folder / "tmp"
        self._temporary.mkdir(mode=0o1777)
        self._temporary.chmod(0o1777)
        for name in _files():
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)

    def __enter__(self) -> Self:
        """The bench."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Clears the bench away."""
        self.close()

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def try_all(self, guards: Sequence[Guard]) -> str | None:
        """Run the tests of all guards with every guard in place; what they said if one failed."""
        tests = sorted({test for guard in guards for test in guard.tests})
        storms = sorted({guard.storm for guard in guards if guard.storm is not None})
        verdict = self._pytest(tests) if tests else None
        if verdict is not None and verdict.why != "survived":
            return verdict.told
        models = [self._model(storm) for storm in storms]
        return next((v.told for v in models if v.why != "survived"), None)

    def try_without(self, guard: Guard) -> Verdict:
        """Take a guard out, run the tests that must miss it, and put it back."""
        originals = {edit.file: (self.tree / edit.file).read_text("utf-8") for edit in guard.edits}
        try:
            for edit in guard.edits:
                self._replace(edit.file, edit.old, edit.new)
            return self._all_of(guard)
        finally:
            for name, text in originals.items():
                (self.tree / name).write_text(text, "utf-8")

    def _replace(self, name: str, old: str, new: str) -> None:
        path = self.tree / name
        text = path.read_text("utf-8")
        if text.count(old) != 1:
            raise LookupError(f"{name} has {text.count(old)} times:\n{old}")
        path.write_text(text.replace(old, new), "utf-8")

    def _all_of(self, guard: Guard) -> Verdict:
        verdict = self._pytest(guard.tests)
        if verdict.why == "timed out" and guard.hangs:
            verdict = replace(verdict, why="killed", killer="a time-out")
        if verdict.killer is None or guard.storm is None:
            return verdict
        model = self._model(guard.storm)
        both = None if model.killer is None else f"{verdict.killer}, {model.killer}"
        return replace(model, killer=both, seconds=verdict.seconds + model.seconds)

    def _pytest(self, tests: Sequence[str]) -> Verdict:
        named = [f"tests/{test}" for test in tests]
        options = ["-x", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider"]
        limit = f"--timeout={TEST_SECONDS}"
        code, told, seconds = self._run(["pytest", *options, limit, "--tb=short", *named])
        failed = _FAILED.search(told)
        if code == _GREEN:
            return Verdict("survived", None, told, seconds)
        if code is None or _TIMED_OUT in told:
            return Verdict("timed out", None, told, seconds)
        if code == _RED and failed is not None:
            return Verdict("killed", failed[1].removeprefix("tests/"), told, seconds)
        return Verdict("broken", None, told, seconds)

    def _model(self, storm: str) -> Verdict:
        given = ["--seed", "1", "--count", _MODEL_SCHEDULES, "--jobs", "1", "--storm", storm]
        code, told, seconds = self._run(["tests.model.run", *given])
        if code == _GREEN:
            return Verdict("survived", None, told, seconds)
        if code == _RED and "violations:" in told:
            return Verdict("killed", f"the model, storm {storm}", told, seconds)
        return Verdict("timed out" if code is None else "broken", None, told, seconds)

    def _run(self, module: Sequence[str]) -> tuple[int | None, str, float]:
        """Run a module in the copy: its exit code, None where it was stopped, and its words."""
        began = time.monotonic()
        output = self._folder / "output"
        with output.open("w+b") as told:
            process = subprocess.Popen(  # noqa: S603 -- this interpreter, and names from the list
                [sys.executable, "-m", *module],
                cwd=self.tree,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
            )
            try:
                code = _wait(process)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        lines = output.read_text("utf-8", "replace").splitlines()
        return code, "\n".join(lines[-_TOLD_LINES:]), time.monotonic() - began

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OUTDIAL_", "PYTEST"))}
        return kept | {
            # Before the checkout itself, which is installed in this environment.
            "PYTHONPATH": str(self.tree),
            # Byte code of the file as it was a second ago must not hide what was changed.
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self._temporary),
        }


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        # As Ctrl-C, so that fixtures stop what they started; wardens end what is left.
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_TO_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return None


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 -- Git is on the path wherever there is a checkout
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})
