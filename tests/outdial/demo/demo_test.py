"""The demo as a person runs it: it balances, leaves nothing behind, and can be interrupted."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outdial.demo.demo import fresh
from outdial.machine.home import AlreadyRunningError, Home, Runtime
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND, run

EXAMPLE = CHECKOUT / "examples" / "leads.csv"
PATIENCE = 200.0


@contextmanager
def demo(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A demo in a folder of its own."""
    home = folder / "data" / "demo"
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, "demo", "--file", str(EXAMPLE), "--home", str(home), *more],
        cwd=CHECKOUT,
        # It must not follow the variables of somebody's production.
        env={**os.environ, "OUTDIAL_DATABASE_URL": "postgresql+asyncpg://x@127.0.0.1:1/x"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def left_in(folder: Path) -> list[str]:
    """What a demo left in its data folder."""
    return [entry.name for entry in (folder / "data" / "demo").iterdir()]


@pytest.mark.slow
def test_it_dials_every_lead_and_the_ledger_balances(folder: Path) -> None:
    with demo(folder, "--leads", "40", "--speed", "240") as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "The ledger balances" in said
    rings = re.search(r"Rings in the sandbox's record: (\d+)\nOur calls that rang: +(\d+)", said)
    assert rings is not None, said
    assert rings[1] == rings[2]
    assert int(rings[1]) > 30
    # Somebody may ask in a call not to be called again.
    finished = re.search(r"done +(\d+) *\n(?: *suppressed +(\d+) *\n)? *accepted +(\d+) ", said)
    assert finished is not None, said
    assert int(finished[1]) + int(finished[2] or 0) == int(finished[3])
    assert "phone." in said
    assert "/login?token=" in said
    assert left_in(folder) == ["lock"]


@pytest.mark.slow
def test_it_gives_up_in_time_and_ctrl_c_stops_all_of_it(folder: Path) -> None:
    with demo(folder, "--leads", "30", "--speed", "1", "--limit", "10", "--keep") as process:
        assert process.stdout is not None
        said = ""
        while "runs on until Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert "time is up, and" in said
        second = run("demo", "--file", str(EXAMPLE), "--home", str(folder / "data" / "demo"))
        assert (second.exit_code, "already runs" in second.stderr) == (3, True)
        processes = Home(folder / "data" / "demo").runtime().processes
        assert len(processes) == 4
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, said + rest
    assert not any(each.stamp.running() for each in processes)
    assert left_in(folder) == ["lock"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run("demo", "--file", str(tmp_path / "none.csv"), "--home", str(tmp_path / "x"))
    assert (result.exit_code, "--file FILE.csv" in result.stderr) == (2, True)
    assert not (tmp_path / "x").exists()


def test_its_folder_is_emptied_before_and_after(folder: Path) -> None:
    path = folder / "data" / "demo"
    Home(path.parent)
    before = Home(path)
    before.save(Runtime(api_key="odk_old"))
    (path / "sandbox").mkdir()
    (path / "sandbox" / "rings.jsonl").write_text("{}\n", encoding="utf-8")
    with fresh(path) as home:
        assert left_in(folder) == ["lock"]
        home.save(Runtime(api_key="odk_new"))
    assert left_in(folder) == ["lock"]


def test_a_folder_in_use_is_left_alone(folder: Path) -> None:
    path = folder / "data" / "demo"
    with fresh(path) as home, home.lock():
        home.save(Runtime(api_key="odk_theirs"))
        with pytest.raises(AlreadyRunningError), fresh(path):
            pass
        assert home.runtime().api_key == "odk_theirs"
