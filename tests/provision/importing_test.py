"""What a business has becomes a manifest and a state that have nothing to do."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from partner import SCOPES, CreateTool
from provision.errors import MissingScopesError
from provision.importing import ImportRefusedError, import_business
from provision.manifest import ToolDeclaration, read
from provision.plan import Verb
from provision.planning import plan
from provision.state_file import read_state, state_path_for
from tests.provision.workbench import Workbench, did, shop
from tests.support.sandbox import SandboxProcess


@pytest.mark.asyncio
async def test_a_plan_of_what_was_imported_does_nothing(bench: Workbench) -> None:
    await bench.apply(shop())
    path = bench.path.with_name("imported.yaml")
    before = bench.writes()
    made = await import_business(bench.client, bench.business, manifest_path=path, environ={})
    assert made.plan.empty
    assert bench.writes() == before
    assert made.state_path == state_path_for(path)
    assert set(made.owned) == {"agents.shop-caller", "agents.shop-desk"}
    again = await plan(bench.client, read(path, environ={}), read_state(made.state_path))
    assert did(again) == []
    assert not again.drift


@pytest.mark.asyncio
async def test_what_was_imported_is_changed_in_place(bench: Workbench) -> None:
    await bench.apply(shop())
    path = bench.path.with_name("imported.yaml")
    made = await import_business(bench.client, bench.business, manifest_path=path, environ={})
    path.write_text(path.read_text().replace("Greet, ask", "Greet, listen"))
    changed = await plan(bench.client, read(path, environ={}), read_state(made.state_path))
    assert did(changed) == [(Verb.UPDATE, "agents.shop-caller")]
    assert changed.changes[0].fields == {"conversationFlow"}


@pytest.mark.asyncio
async def test_a_tool_that_can_be_read_back_is_owned(bench: Workbench) -> None:
    body = CreateTool.model_validate(
        {
            "templateToolId": "template-apirequest-001",
            "configOverride": {"url": "https://example.com/quote", "method": "POST"},
        }
    )
    tool = await bench.client.create_tool_instance(bench.business, body)
    made = await import_business(
        bench.client, bench.business, manifest_path=bench.path, environ={}
    )
    assert made.plan.empty
    assert [entry.id for entry in bench.kept.entries.values()] == [tool.id]
    assert bench.kept.entries[next(iter(bench.kept.entries))].adopted


@pytest.mark.asyncio
async def test_a_business_without_anything_has_a_manifest_too(bench: Workbench) -> None:
    made = await import_business(
        bench.client, bench.business, manifest_path=bench.path, environ={}
    )
    assert made.owned == ()
    assert read(bench.path, environ={}).business == bench.business


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["agents.yaml", "agents.state.json"])
async def test_no_file_is_written_over(bench: Workbench, name: str) -> None:
    there = bench.path.with_name(name)
    there.write_text("mine")
    with pytest.raises(ImportRefusedError, match="exists already"):
        await import_business(bench.client, bench.business, manifest_path=bench.path, environ={})
    assert there.read_text() == "mine"
    assert len([one for one in bench.path.parent.iterdir() if one.name.startswith("agents")]) == 1


@pytest.mark.asyncio
async def test_what_may_not_be_read_is_named(sandbox: SandboxProcess, tmp_path: Path) -> None:
    async with Workbench.new(sandbox, tmp_path, frozenset(SCOPES) - {"files:read"}) as bench:
        with pytest.raises(MissingScopesError, match="files:read"):
            await import_business(
                bench.client, bench.business, manifest_path=bench.path, environ={}
            )
        assert not bench.path.exists()


@pytest.mark.asyncio
async def test_secrets_within_an_address_are_written_nowhere(bench: Workbench) -> None:
    url = "https://ann:opensesame@example.com/quote?key=hunter2hunter2&page=2"
    body = CreateTool.model_validate(
        {
            "templateToolId": "template-apirequest-001",
            "configOverride": {"url": url, "method": "POST"},
        }
    )
    await bench.client.create_tool_instance(bench.business, body)
    made = await import_business(
        bench.client, bench.business, manifest_path=bench.path, environ={}
    )
    assert made.plan.empty
    kept = bench.path.read_text() + bench.state_path.read_text()
    assert "hunter2hunter2" not in kept
    assert "opensesame" not in kept
    assert set(made.variables.values()) == {"hunter2hunter2", "ann:opensesame"}
    (tool,) = read(bench.path, environ=made.variables).tools.values()
    assert isinstance(tool, ToolDeclaration)
    assert (tool.config or {})["url"] == url


class MadeMeanwhile(Mapping[str, str]):
    """An environment without variables, during whose reading somebody writes the manifest."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[str]:
        self._path.write_text("mine")
        return iter(())


@pytest.mark.asyncio
async def test_a_manifest_that_appears_meanwhile_leaves_no_state_behind(bench: Workbench) -> None:
    environ = MadeMeanwhile(bench.path)
    with pytest.raises(ImportRefusedError, match="can't be written"):
        await import_business(
            bench.client, bench.business, manifest_path=bench.path, environ=environ
        )
    assert bench.path.read_text() == "mine"
    assert not bench.state_path.exists()


@pytest.mark.asyncio
async def test_what_could_not_be_written_is_a_warning(bench: Workbench) -> None:
    for _ in range(2):
        bench.sandbox.add(
            "agents",
            business_id=bench.business,
            name="Namesake",
            type="OUTBOUND",
            conversation_flow="Say hello.",
        )
    made = await import_business(
        bench.client, bench.business, manifest_path=bench.path, environ={}
    )
    assert made.owned == ("agents.namesake",)
    (warning,) = made.warnings
    assert warning.startswith("agents.namesake-2 is left out (")
