"""The file of refused rows: made with the first, as the rows were, for its owner alone."""

import csv
import stat
from fnmatch import fnmatch
from pathlib import Path

import pytest

from dialer.rules.intake.sheet import Row
from dialer.rules.intake.table import WHY_COLUMNS, Verdict
from outdial.leads.rejects import Rejects, path_beside
from outdial.speaking.speech import CommandError
from tests.outdial.host import CHECKOUT

HEADER = ("outdial_row", "Phone", "Notes")


def refuse(number: int, *cells: str, extra: tuple[str, ...] = ()) -> Verdict:
    """A row that was refused."""
    row = Row(number, cells, extra)
    return Verdict(row, "rejected", "phone.empty", "It is empty; fill it in.", "+12125550142")


def test_it_stands_beside_the_file() -> None:
    assert path_beside(Path("a/leads.csv")) == Path("a/leads.rejected.csv")


def test_it_is_kept_out_of_the_repository() -> None:
    ignored = (CHECKOUT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(path_beside(Path("leads.csv")).name, pattern) for pattern in ignored)


def test_without_a_refusal_nothing_is_made(tmp_path: Path) -> None:
    with Rejects(path=tmp_path / "r.csv", header=HEADER) as rejects:
        rejects.add(Verdict(Row(2, ("", "1", "")), "accepted", "ok"))
        assert not rejects.written
    assert list(tmp_path.iterdir()) == []


def test_rows_are_as_they_were_without_our_own_columns(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("of an earlier import\n" * 100, encoding="utf-8")
    with Rejects(path=path, header=HEADER) as rejects:
        rejects.add(refuse(7, "3", "1", 'a "b"\nc;d,e'))
        rejects.add(refuse(9, "4", "2", "", extra=("x", "y")))
        assert rejects.written
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = csv.reader(file)
    assert header == [*WHY_COLUMNS, "Phone", "Notes"]
    why = ["phone.empty", "It is empty; fill it in.", "+12125550142"]
    assert first == ["7", *why, "1", 'a "b"\nc;d,e']
    assert second == ["9", *why, "2", "", "x", "y"]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    with Rejects(path=tmp_path / "r.csv", header=HEADER) as rejects:
        rejects.add(refuse(7, "3", "1", ""))
    assert stat.S_IMODE((tmp_path / "r.csv").stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "r.csv"
    with (
        Rejects(path=path, header=HEADER) as rejects,
        pytest.raises(CommandError, match="adds nothing twice") as caught,
    ):
        rejects.add(refuse(7, "3", "1", ""))
    assert str(path) in str(caught.value)
