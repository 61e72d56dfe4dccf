"""Single checks of `outdial doctor` that no set-up on one machine can bring about."""

from datetime import timedelta
from pathlib import Path

import pytest

from outdial.machine.home import Home
from outdial.operating.checks import as_dict, examine_folder, good, judge_clock


@pytest.mark.parametrize(
    ("seconds", "took", "fine"),
    [(0, 0, True), (4.9, 0, True), (-4.9, 0, True), (6, 0, False), (-6, 0, False), (6, 2, True)],
)
def test_a_clock_may_be_off_by_little_and_by_the_time_of_asking(
    seconds: float, took: float, *, fine: bool
) -> None:
    found = judge_clock("clock", timedelta(seconds=seconds), timedelta(seconds=took))
    assert found.good is fine
    assert bool(found.remedy) is not fine
    assert ("ahead" if seconds > 0 else "behind") in found.detail


def test_a_fresh_folder_is_closed(tmp_path: Path) -> None:
    home = Home(tmp_path / ".outdial")
    home.secret_key()
    assert [found.good for found in examine_folder(home.path)] == [True]


def test_every_open_file_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path / ".outdial")
    home.secret_key()
    home.save(home.runtime())
    for name in ("secret.key", "runtime.json"):
        (home.path / name).chmod(0o640)
    assert [found.remedy.rpartition("/")[2] for found in examine_folder(home.path)] == [
        "secret.key",
        "runtime.json",
    ]


def test_a_finding_can_be_json() -> None:
    shown = as_dict(good("queue", "answers"))
    assert shown == {"part": "queue", "good": True, "detail": "answers", "remedy": ""}
