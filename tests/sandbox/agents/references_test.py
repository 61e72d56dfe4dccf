"""What an agent names must be there, be its business's own, and be ready for use."""

import httpx2
import pytest

from sandbox.agents.references import References
from sandbox.catalog.templates import END_CALL_TEMPLATE
from sandbox.errors import ApiError
from sandbox.model.tenants import Business
from sandbox.world import World
from tests.sandbox.desk import BODY, Desk, refused
from tests.sandbox.worlds import AGENTS, forget, until
from tests.support.sandbox import SandboxProcess


def test_an_unknown_voice_is_400(desk: Desk) -> None:
    assert "voiceId: there is no voice 'nobody'" in refused(desk.send(voiceId="nobody"))


def test_a_template_is_no_tool_to_use(desk: Desk) -> None:
    told = refused(desk.send(toolIds=["template-transfer-001"]))
    assert "'template-transfer-001' is a template; make a tool from it" in told


def test_tools_must_be_the_businesss_own(desk: Desk, api: httpx2.Client) -> None:
    assert "there is no tool 'nothing'" in refused(desk.send(toolIds=["nothing"]))
    assert "there is no tool 'tool_demo_transfer'" in refused(
        desk.send(toolIds=["tool_demo_transfer"])
    )
    assert refused(api.post(AGENTS, json=BODY | {"toolIds": [desk.tool()]}))


def test_another_agents_automatic_tool_cannot_be_used(desk: Desk) -> None:
    automatic = desk.made()["toolIds"][0]
    assert f"'{automatic}' was made for another agent" in refused(desk.send(toolIds=[automatic]))


def test_a_file_must_be_ready(still: Desk) -> None:
    file = still.file()
    told = refused(still.send(knowledgeBaseDocumentIds=[file]))
    assert f"file '{file}' is processing, not ready" in told


def test_a_failed_file_cannot_be_used(sandbox: SandboxProcess, desk: Desk) -> None:
    sandbox.fault("file_failed", count=1)
    file = desk.file()
    path = f"/businesses/{desk.business}/files/{file}"
    until(lambda: desk.api.get(path).json(), lambda shown: shown["status"] == "failed")
    assert f"file '{file}' is failed" in refused(desk.send(knowledgeBaseDocumentIds=[file]))


def test_files_must_be_the_businesss_own(desk: Desk) -> None:
    for file in ("nothing", "file_demo_prices"):
        told = refused(desk.send(knowledgeBaseDocumentIds=[file]))
        assert f"there is no file '{file}'" in told


def test_a_tool_must_be_enabled() -> None:
    world = World(keep=forget)
    business = Business(id="b", organization_id="o", name="B")
    tool = END_CALL_TEMPLATE.instance(business_id="b", override={}, at="")
    known = References(world=world, business=business, now=0.0)
    world.put(tool)
    assert known.tools([tool.id]) == (tool.id,)
    world.put(tool.model_copy(update={"enabled": False}))
    with pytest.raises(ApiError, match=f"tool '{tool.id}' is not enabled") as refusal:
        known.tools([tool.id])
    assert refusal.value.status == 400
