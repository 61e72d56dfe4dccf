"""What `outdial leads import` shows people: the mapping, the counts, the first refused rows."""

from pathlib import Path
from uuid import uuid4

from tests.outdial.serving import Serving, run

ROWS = (
    "CRM ID,Full Name,Phone,Roof Type?,outdial_row\n"
    "1,Ada Example,(212) 555-0142,tile,\n"
    "2,Ben [red]\x1b[2JExample,800-555-0142,flat,\n"
    "3,Cy Example,212-555-0143 x9,,\n"
)


def write(path: Path, text: str = ROWS) -> str:
    """A file of leads."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_it_shows_what_it_did(service: Serving, tmp_path: Path) -> None:
    name = f"shown {uuid4().hex}"
    service.campaign(name)
    file = write(tmp_path / "a.csv")
    result = service.run("leads", "import", file, "--campaign", name)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    for text in (
        *("Roof Type? attributes.roof_type", "outdial_row (not read)", "3 rows"),
        *("accepted 1", "rejected 2", "phone.toll_free 1", "phone.extension 1"),
        *(
            "+12125550143",
            "toll-free",
            f"Refused rows with reasons: {tmp_path / 'a.rejected.csv'}",
        ),
    ):
        assert text in said
    assert "\x1b" not in result.stdout
    again = service.run("leads", "import", file, "--campaign", name)
    assert "had come in before: nothing was added" in again.stdout


def test_more_refusals_than_fit_are_counted(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "Phone,Name\n" + ",x\n" * 12)
    result = run("leads", "import", file, "--dry-run")
    assert "… and 7 more." in result.stdout
    assert "phone.empty" in result.stdout
    assert not (tmp_path / "a.rejected.csv").exists()


def test_a_campaign_has_to_be_named(tmp_path: Path) -> None:
    result = run("leads", "import", write(tmp_path / "a.csv"))
    assert (result.exit_code, "--campaign ID" in result.stderr) == (2, True)


def test_a_mapping_that_is_wrong_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv")
    result = run("leads", "import", file, "--dry-run", "--map", "phone=Fone")
    assert (result.exit_code, 'Did you mean "Phone"?' in result.stderr) == (2, True)
