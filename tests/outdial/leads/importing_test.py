"""A file's rows come in through the real service: each answered, none twice."""

import csv
import json
import re
import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from dialer.rules.intake.columns import decide
from dialer.rules.intake.table import CHUNK_BYTES, CHUNK_ROWS
from outdial.leads.importing import Api, count_rows, each, take_in
from outdial.speaking.client import Answer, Client, UnreachableError
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import Serving, run

HEADER = "CRM ID,Name,Phone Number,Notes,Photos,State,Time Zone\n"
EXAMPLE = CHECKOUT / "examples" / "leads.csv"


@pytest.fixture
def campaign(service: Serving) -> str:
    """A campaign of the test's own."""
    return service.campaign(f"import {uuid4().hex}")


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A file of leads."""
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def bring(service: Serving, file: Path, campaign: str, *more: str) -> dict[str, Any]:
    """Imports a file and returns what `--json` says."""
    result = service.run("leads", "import", str(file), "--campaign", campaign, "--json", *more)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def leads(service: Serving, campaign: str) -> list[dict[str, Any]]:
    """What the campaign has."""
    with service.client() as client:
        return list(client.every("/v1/leads", campaign_id=campaign))


def test_rows_become_leads_and_every_other_is_answered(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "a.csv",
        '7,Ada Example,(212) 555-0142,"Leak, ""big"" one",https://images.example.com/1.jpg,ny,ET',
        "7,Ada Example,2125550142,again,,,",
        "8,Ben Example,+1 212 555 0142,other id,,,",
        "9,Cy Example,800-555-0142,,,,",
        "10,Di Example,303-555-0142,,http://images.example.com/1.jpg,,",
        "11,Ed Example,303-555-0143,,,,Mountain",
        "12,Flo Example,404-555-0144,x,,,,and more",
    )
    found = bring(service, file, campaign)
    counted = [found[name] for name in ("rows", "accepted", "repeated", "duplicate", "rejected")]
    assert counted == [7, 1, 1, 1, 4]
    assert [(error["row"], error["code"]) for error in found["errors"]] == [
        (5, "phone.toll_free"),
        (6, "image_urls.invalid"),
        (7, "timezone.invalid"),
        (8, "row.too_many_cells"),
    ]
    (lead,) = leads(service, campaign)
    assert lead["phone"] == "+12125550142"
    assert lead["name"] == "Ada Example"
    assert lead["external_id"] == "7"
    assert lead["context"] == 'Leak, "big" one'
    assert lead["image_urls"] == ["https://images.example.com/1.jpg"]
    assert (lead["us_state"], lead["timezone"]) == ("NY", "America/New_York")


def test_the_same_file_again_adds_nothing(service: Serving, campaign: str, tmp_path: Path) -> None:
    rows = [f",P{n},212-555-01{n:02d},,,," for n in range(20)]
    file = write(tmp_path / "a.csv", *rows)
    first = bring(service, file, campaign)
    with service.client() as client:
        client.post(f"/v1/leads/{leads(service, campaign)[0]['id']}/cancel")
    second = bring(service, file, campaign)
    assert (first["accepted"], first["replayed"]) == (20, 0)
    assert (second["accepted"], second["replayed"]) == (20, 20)
    assert len(leads(service, campaign)) == 20


def test_another_campaign_or_mapping_is_another_import(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", "7,Ada,212-555-0142,,,,")
    bring(service, file, campaign)
    other = service.campaign(f"other {uuid4().hex}")
    assert bring(service, file, other)["replayed"] == 0
    assert bring(service, file, campaign, "--map", "context=")["accepted"] == 1
    assert len(leads(service, campaign)) == 1


def test_refused_rows_are_written_down_and_can_be_imported_when_corrected(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "a.csv",
        "7,Ada,212-555-0142,,,,",
        '8,Ben,212-555-0143 ext 7,"=HYPERLINK(""x"")",,,',
        "9,José 🌧,,,,,",
    )
    found = bring(service, file, campaign)
    written = Path(found["rejected_file"])
    assert written == tmp_path / "a.rejected.csv"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    with written.open(encoding="utf-8-sig", newline="") as refused:
        rows = list(csv.DictReader(refused))
    assert [row["outdial_row"] for row in rows] == ["3", "4"]
    assert [row["outdial_code"] for row in rows] == ["phone.extension", "phone.empty"]
    assert rows[0]["outdial_suggestion"] == "+12125550143"
    assert rows[0]["Notes"] == '=HYPERLINK("x")'
    assert rows[1]["Name"] == "José 🌧"
    text = written.read_text(encoding="utf-8-sig")
    written.write_text(text.replace("212-555-0143 ext 7", "212-555-0143"), encoding="utf-8")
    again = bring(service, written, campaign)
    assert (again["accepted"], again["rejected"]) == (1, 1)
    assert again["not_read"] == [f"outdial_{x}" for x in ("row", "code", "message", "suggestion")]
    with (tmp_path / "a.rejected.rejected.csv").open(encoding="utf-8-sig") as refused:
        assert next(csv.reader(refused))[3:5] == ["outdial_suggestion", "CRM ID"]


def test_a_symbolic_link_is_not_followed_for_refused_rows(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", "7,Ada,,,,,")
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    (tmp_path / "a.rejected.csv").symlink_to(precious)
    result = service.run("leads", "import", str(file), "--campaign", campaign)
    assert result.exit_code == 1
    assert "a.rejected.csv" in result.stderr
    assert precious.read_text(encoding="utf-8") == "mine"


def test_a_large_file_goes_in_chunks_below_the_limits(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    many = [f"{n},P{n},212-555-01{n % 100:02d},,,," for n in range(CHUNK_ROWS + 100)]
    long = [f"L{n},L,303-555-01{n:02d},{'x' * 7_900},,," for n in range(100)]
    file = write(tmp_path / "a.csv", *many, *long, "big,B,404-555-0142," + "y" * 120_000 + ",,,")
    assert sum(map(len, long)) > CHUNK_BYTES
    found = bring(service, file, campaign)
    assert found["rows"] == count_rows(file) == CHUNK_ROWS + 201
    assert (found["accepted"], found["duplicate"]) == (200, 500)
    assert [error["code"] for error in found["errors"]] == ["context.string_too_long"]


def test_a_service_that_goes_away_leaves_an_import_that_can_be_run_again(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", *(f",P{n},212-555-01{n:02d},,,," for n in range(30)))
    header = HEADER.strip().split(",")
    columns = decide(header, {})

    class Breaking(Client):
        """Loses its connection after the service has answered."""

        def post_keyed(self, path: str, content: bytes, *, key: str, **query: str) -> Answer:
            super().post_keyed(path, content, key=key, **query)
            raise UnreachableError("the line is cut")

    with Breaking(target=service.target) as client:
        judge = Api(client=client, campaign_id=campaign, path=file, columns=columns)
        with pytest.raises(UnreachableError):
            each(take_in(file, columns, judge))
    found = bring(service, file, campaign)
    assert (found["accepted"], found["replayed"]) == (30, 30)
    assert len(leads(service, campaign)) == 30


def test_it_says_how_far_it_came_when_nothing_answers(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "7,Ada,212-555-0142,,,,")
    environ = {"OUTDIAL_URL": "http://127.0.0.1:1", "OUTDIAL_API_KEY": "odk_x"}
    campaign = str(uuid4())
    result = run("leads", "import", str(file), "--campaign", campaign, **environ)
    assert result.exit_code == 1
    assert "127.0.0.1:1 does not answer" in result.stderr
    assert "no row was answered. Run the same command again" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Name,City\nAda,Rome\n", 'no column looks like a phone.*"Name", "City"'),
        ("Phone\n", "has a header and no rows"),
        ("", "is empty"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_before_anything_is_sent(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(content, encoding="utf-8")
    result = run("leads", "import", str(file), "--campaign", str(uuid4()))
    assert result.exit_code == 2
    assert re.search(said, result.stderr)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_quote_that_swallows_rows_is_told_before_anything_is_sent(
    service: Serving, campaign: str, tmp_path: Path, dry: tuple[str, ...]
) -> None:
    good = [f"{n},P{n},212-555-01{n % 100:02d},,,," for n in range(CHUNK_ROWS + 10)]
    file = write(
        tmp_path / "a.csv",
        *good,
        'x,"Ada,212-555-0142,,,,',
        "y,Ben,212-555-0143,,,,",
        'z,Cy",212-555-0144,,,,',
    )
    result = service.run("leads", "import", str(file), "--campaign", campaign, *dry)
    assert result.exit_code == 2
    assert f"line {CHUNK_ROWS + 12} " in result.stderr
    assert leads(service, campaign) == []
    assert list(tmp_path.iterdir()) == [file]


def test_a_campaign_of_nobody_is_told(service: Serving, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "7,Ada,212-555-0142,,,,")
    result = service.run("leads", "import", str(file), "--campaign", str(uuid4()))
    assert (result.exit_code, "no such campaign" in result.stderr) == (1, True)


def test_a_dry_run_says_the_same_as_the_import(
    service: Serving, campaign: str, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(EXAMPLE.read_bytes())
    dry = json.loads(run("leads", "import", str(file), "--dry-run", "--json").stdout)
    assert leads(service, campaign) == []
    assert list(tmp_path.iterdir()) == [file]
    real = bring(service, file, campaign)
    different = {"errors", "rejected_file", "duplicate", "repeated"}
    assert {k: v for k, v in dry.items() if k not in different} == {
        k: v for k, v in real.items() if k not in different
    }
    assert dry["duplicate"] + dry["repeated"] == real["duplicate"] + real["repeated"]
    assert [e["row"] for e in dry["errors"]] == [e["row"] for e in real["errors"]]


def test_the_examples_are_what_the_demo_says_they_are() -> None:
    found = json.loads(run("leads", "import", str(EXAMPLE), "--dry-run", "--json").stdout)
    assert found["rows"] == 300
    assert found["accepted"] == 240
    assert found["repeated"] > 0
    assert found["duplicate"] > 0
    assert len(found["reasons"]) > 20
    assert len(found["repairs"]) > 7
    assert found["not_read"] == []
