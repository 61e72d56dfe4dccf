"""The do-not-call registry and the do-not-call list from the command line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outdial.machine.clock import now
from tests.outdial.serving import Serving

TODAY = now().astimezone(UTC).date()


@pytest.fixture
def cleared(service: Serving) -> Iterator[Serving]:
    """The service without a copy of the registry."""
    with service.client() as client:
        client.delete("/v1/dnc/numbers")
        yield service
        client.delete("/v1/dnc/numbers")


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "registry.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_registry_file_is_loaded_and_declared(cleared: Serving, tmp_path: Path) -> None:
    file = _file(tmp_path, "number", "212,5550142", "2125550143", "", "212,5550142")
    options = ("--scrubbed-on", str(TODAY))
    done = cleared.run("dnc", "import", str(file), *options)
    assert done.exit_code == 0, done.output
    assert "2 new numbers, 1 known" in done.stdout
    assert f"2 numbers, of {TODAY}; in force until {TODAY + timedelta(days=31)}" in done.stdout
    again = cleared.run("dnc", "import", str(file), *options, "--replace", "--json")
    assert (json.loads(again.stdout)["added"], json.loads(again.stdout)["known"]) == (2, 1)
    assert json.loads(cleared.run("dnc", "show", "--json").stdout)["fresh"] is True


def test_a_column_of_a_table_is_loaded(cleared: Serving, tmp_path: Path) -> None:
    file = _file(tmp_path, "id,tel", "1,212 555 0142", "2,(212) 555-0143")
    options = ("--scrubbed-on", str(TODAY), "--column")
    done = cleared.run("dnc", "import", str(file), *options, "tel")
    assert "2 new numbers" in done.stdout
    wrong = cleared.run("dnc", "import", str(file), *options, "phone")
    assert (wrong.exit_code, '"tel"' in wrong.stderr) == (2, True)


def test_a_file_with_a_line_that_is_no_number_is_not_declared(
    cleared: Serving, tmp_path: Path
) -> None:
    file = _file(tmp_path, "2125550142", "911", "21255501", "2125550143")
    done = cleared.run("dnc", "import", str(file), "--scrubbed-on", str(TODAY))
    assert done.exit_code == 2
    assert "2 lines can't be read" in done.stderr
    assert "such as line 2, 3" in done.stderr
    assert "2 numbers, not in force" in cleared.run("dnc", "show").stdout


@pytest.mark.parametrize(
    ("day", "code"), [(TODAY + timedelta(days=2), 1), (TODAY - timedelta(days=40), 1), ("soon", 2)]
)
def test_a_day_that_can_not_be_is_refused(
    cleared: Serving, tmp_path: Path, day: object, code: int
) -> None:
    file = _file(tmp_path, "2125550142")
    done = cleared.run("dnc", "import", str(file), "--scrubbed-on", str(day))
    assert done.exit_code == code
    assert "not in force" in cleared.run("dnc", "show").stdout


def test_a_file_that_is_not_there_is_told(cleared: Serving, tmp_path: Path) -> None:
    done = cleared.run("dnc", "import", str(tmp_path / "none"), "--scrubbed-on", str(TODAY))
    assert done.exit_code == 2
    assert "No such file" in done.stderr


def test_a_number_is_suppressed_listed_and_taken_off(service: Serving) -> None:
    until = (datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=9)).isoformat()
    added = service.run("suppress", "add", "(213) 555-0142", "--until", until, "--json")
    entry = json.loads(added.stdout)
    assert (entry["phone"], entry["reason"]) == ("+12135550142", "asked not to be called")
    listed = service.run("suppress", "list", "--phone", "213 555 0142")
    assert entry["id"] in listed.stdout
    assert "all campaigns" in listed.stdout
    assert service.run("suppress", "remove", entry["id"]).exit_code == 0
    left = service.run("suppress", "list", "--phone", "213 555 0142", "--json")
    assert json.loads(left.stdout) == []
    assert service.run("suppress", "remove", entry["id"]).exit_code == 1


def test_a_number_that_can_not_be_read_is_told(service: Serving) -> None:
    done = service.run("suppress", "add", "911")
    assert done.exit_code == 1
    assert "/phone" in done.stderr


def test_a_file_of_numbers_is_imported_once(service: Serving, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("Mobile Phone,Reason\n2145550142,asked\n2145550143,\n", encoding="utf-8")
    done = service.run("suppress", "import", str(file), "--reason", "of a list")
    assert done.exit_code == 0, done.output
    assert "2 numbers listed, 0 known, 0 refused" in done.stdout
    again = service.run("suppress", "import", str(file))
    assert "0 numbers listed, 2 known" in again.stdout
    found = json.loads(service.run("suppress", "list", "--phone", "2145550143", "--json").stdout)
    assert [one["reason"] for one in found] == ["of a list"]


def test_a_row_that_is_refused_costs_no_other_and_the_command_fails(
    service: Serving, tmp_path: Path
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("phone,until\n2155550142,\n911,\n2155550143,soon\n", encoding="utf-8")
    done = service.run("suppress", "import", str(file), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["listed"], told["rejected"]) == (1, 2)
    assert [one["row"] for one in told["refused"]] == [3, 4]


def test_a_file_without_a_phone_column_is_told(service: Serving, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("what,why\n2155550142,x\n", encoding="utf-8")
    done = service.run("suppress", "import", str(file))
    assert done.exit_code == 2
    assert '"what"' in done.stderr
