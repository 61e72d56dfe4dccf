"""The examples are whole, and what the client takes."""

from pathlib import Path

import pytest

from partner import ConnectCalendar, CreateTool, CreateVoiceAgent
from provision.manifest import CalendarDeclaration, FileDeclaration, ToolDeclaration, read

FOLDER = Path(__file__).parents[3] / "examples" / "agents"
NAMES = ["plumber.yaml", "reception.yaml", "reminder.yaml"]


def test_there_are_three() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_what_the_client_takes(name: str) -> None:
    manifest = read(FOLDER / name, environ={})
    assert manifest.business == "biz_demo"
    assert isinstance(manifest.calendar, CalendarDeclaration)
    ConnectCalendar.model_validate(manifest.calendar.body())
    for tool in manifest.tools.values():
        assert isinstance(tool, ToolDeclaration)
        CreateTool.model_validate(tool.body("template-1"))
    ids = {key: f"id-{key}" for key in (*manifest.tools, *manifest.files)}
    for agent in manifest.agents.values():
        CreateVoiceAgent.model_validate(agent.body(tool_ids=ids, file_ids=ids, voice_id="v"))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_takes_its_token_from_the_environment(name: str) -> None:
    manifest = read(FOLDER / name, environ={"GOOGLE_ACCESS_TOKEN": "ya29.given"})
    assert isinstance(manifest.calendar, CalendarDeclaration)
    assert manifest.calendar.access_token.get_secret_value() == "ya29.given"
    assert "ya29.given" in manifest.secrets


def test_the_plumbers_price_list_lies_beside_it() -> None:
    file = read(FOLDER / "plumber.yaml", environ={}).files["price-list"]
    assert isinstance(file, FileDeclaration)
    assert (file.name, file.mime) == ("price-list.md", "text/markdown")
    assert "$89" in file.path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_names_the_schema_for_editors(name: str) -> None:
    first = (FOLDER / name).read_text("utf-8").split("\n", 1)[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (FOLDER / schema).resolve().is_file()
