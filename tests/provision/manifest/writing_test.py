"""A manifest written from what exists, read back as what it was."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner import CalendarIntegration, KnowledgeFile, Tool, ToolTemplate, Voice, VoiceAgent
from provision.manifest import (
    Existing,
    ExistingCalendar,
    ExistingFile,
    ExistingTool,
    Manifest,
    ToolDeclaration,
    Written,
    read,
    write,
)

TEMPLATES = (
    ToolTemplate(id="template-1", name="transferCall"),
    ToolTemplate(id="template-2", name="apiRequest"),
    ToolTemplate(id="template-3", name="googleCal"),
    ToolTemplate(id="template-4", name="somethingNew"),
)
FLOW = "Say hello.\n\nAsk what is wrong."
AGENT: dict[str, Any] = {
    "id": "agent_1",
    "name": "Caller",
    "type": "OUTBOUND",
    "conversationFlow": FLOW,
}


def tool(number: int, template: int | None, **more: Any) -> Tool:  # noqa: ANN401 - any JSON value
    return Tool.model_validate(
        {
            "id": f"tool_{number}",
            "templateToolId": None if template is None else f"template-{template}",
            "displayName": f"Tool {number}",
            **more,
        }
    )


def agent(**more: Any) -> VoiceAgent:  # noqa: ANN401 - any JSON value
    return VoiceAgent.model_validate(AGENT | more)


def read_back(folder: Path, made: Written) -> Manifest:
    path = folder / "written.yaml"
    path.write_text(made.text, encoding="utf-8")
    return read(path, environ=made.variables)


def round_trip(folder: Path, **parts: Any) -> tuple[Manifest, Written]:  # noqa: ANN401 - fields of Existing
    made = write(Existing(business="biz_demo", templates=TEMPLATES, **parts))
    return read_back(folder, made), made


def test_nothing(tmp_path: Path) -> None:
    manifest, made = round_trip(tmp_path)
    assert (manifest.business, manifest.agents, made.ids) == ("biz_demo", {}, {})
    assert manifest.calendar is None


def test_an_agent_as_it_is(tmp_path: Path) -> None:
    given = {
        "customInstructions": "Never promise a price: ${PRICE}.\n",
        "firstMessage": "Hi!",
        "multilingual": False,
        "backgroundSound": "office",
        "collectFields": ["name", "no"],
        "personality": {"tone": "friendly", "useEmpathy": True, "useHumor": False},
    }
    manifest, made = round_trip(
        tmp_path,
        agents=[agent(**given, phoneNumber="+12125550100", onDuty=False, mood="cheerful")],
    )
    read_agent = manifest.agents["caller"]
    assert read_agent.fields == {
        "name": "Caller",
        "type": "OUTBOUND",
        "conversationFlow": FLOW,
        **given,
    }
    assert (read_agent.deploy, read_agent.on_duty, read_agent.voice_given) == (True, False, False)
    assert made.ids == {"agents.caller": "agent_1"}


def test_an_agent_that_is_a_graph(tmp_path: Path) -> None:
    workflow = {
        "nodes": [{"id": "a", "type": "tool", "prompt": "endCall", "position": {"x": 1}}],
        "edges": [{"from": "a", "to": "a", "when": "never"}],
        "startNode": "a",
    }
    manifest, _ = round_trip(tmp_path, agents=[agent(conversationFlow=None, workflow=workflow)])
    nodes = [{"id": "a", "type": "tool", "prompt": "endCall"}]
    assert manifest.agents["caller"].fields["workflow"] == workflow | {"nodes": nodes}


def test_prose_is_taken_where_both_forms_exist(tmp_path: Path) -> None:
    workflow = {"nodes": [], "edges": [], "startNode": "a"}
    manifest, _ = round_trip(tmp_path, agents=[agent(workflow=workflow)])
    assert "workflow" not in manifest.agents["caller"].fields


def test_hours_and_duty_of_an_inbound_agent(tmp_path: Path) -> None:
    hours = {
        "timezone": "UTC",
        "hours": [{"day": "monday", "startTime": "00:00", "endTime": "24:00"}],
    }
    manifest, _ = round_trip(
        tmp_path,
        agents=[
            agent(type="INBOUND", activatedHours=hours, phoneNumber="+12125550100", onDuty=True)
        ],
    )
    inbound = manifest.agents["caller"]
    assert inbound.fields["activatedHours"] == hours
    assert (inbound.deploy, inbound.on_duty) == (True, None)


def test_an_agent_that_is_not_deployed(tmp_path: Path) -> None:
    manifest, _ = round_trip(tmp_path, agents=[agent()])
    assert (manifest.agents["caller"].deploy, manifest.agents["caller"].on_duty) == (False, None)


def test_a_voice_by_its_name_where_that_is_clear(tmp_path: Path) -> None:
    voices = [Voice(id="v1", name="Sarah"), Voice(id="v2", name="Max"), Voice(id="v3", name="MAX")]
    agents = [agent(id=f"a{at}", name=f"A{at}", voiceId=f"v{at}") for at in (1, 2, 9)]
    manifest, _ = round_trip(tmp_path, agents=agents, voices=voices)
    assert [one.voice for one in manifest.agents.values()] == ["Sarah", "v2", "v9"]


def test_tools_that_can_and_that_cannot_be_read_back(tmp_path: Path) -> None:
    tools = [
        tool(1, 1, configOverride={"destinationIds": ["d1"]}),
        tool(2, 2, configOverride={"url": "https://example.com", "method": "GET"}),
        tool(3, 3, configOverride={"appointmentConfigId": "c1"}),
        tool(4, 4, configOverride={"a": {"b": [1, None, "x"]}}),
        tool(5, 77),
        tool(6, None, type="endCall"),
        tool(
            7, 1, configOverride={"destinations": [{"name": "x", "phoneNumber": "+12125550142"}]}
        ),
    ]
    used = agent(toolIds=[f"tool_{at}" for at in (1, 2, 3, 4, 5, 6, 7, 8)])
    manifest, made = round_trip(tmp_path, tools=tools, agents=[used])
    kinds = {key: type(one) for key, one in manifest.tools.items()}
    assert kinds == {
        "tool-1": ExistingTool,
        "tool-2": ToolDeclaration,
        "tool-3": ExistingTool,
        "tool-4": ToolDeclaration,
        "tool-5": ExistingTool,
        "tool-7": ToolDeclaration,
    }
    fourth = manifest.tools["tool-4"]
    assert isinstance(fourth, ToolDeclaration)
    assert (fourth.template, fourth.config) == ("template-4", {"a": {"b": [1, None, "x"]}})
    ids = {address.removeprefix("tools."): upstream for address, upstream in made.ids.items()}
    body = manifest.agents["caller"].body(tool_ids=ids, file_ids={})
    assert body["toolIds"] == [f"tool_{at}" for at in (1, 2, 3, 4, 5, 7, 8)]


def test_a_secret_is_nowhere_in_the_text(tmp_path: Path) -> None:
    config = {
        "url": "https://example.com",
        "method": "GET",
        "headers": {"Authorization": "Bearer very-secret"},
    }
    manifest, made = round_trip(tmp_path, tools=[tool(1, 2, configOverride=config)])
    assert "very-secret" not in made.text
    assert "very-secret" not in repr(made)
    assert made.variables == {"TOOL_1_AUTHORIZATION": "Bearer very-secret"}
    declared = manifest.tools["tool-1"]
    assert isinstance(declared, ToolDeclaration)
    assert declared.config == config
    assert "Bearer very-secret" in manifest.secrets


def test_files_and_a_calendar_are_used_as_they_are(tmp_path: Path) -> None:
    manifest, made = round_trip(
        tmp_path,
        calendar=CalendarIntegration(id="c", calendar_id="team\n@example.com"),
        files=[
            KnowledgeFile(id="file_1", name="price-list.md", size_bytes=946, status="ready"),
            KnowledgeFile(id="file_2", name="price-list.pdf"),
            KnowledgeFile(id="file_3"),
        ],
        agents=[agent(knowledgeBaseDocumentIds=["file_2", "file_9"])],
    )
    assert manifest.calendar == ExistingCalendar()
    assert manifest.files == {
        "price-list": ExistingFile(key="price-list", id="file_1"),
        "price-list-2": ExistingFile(key="price-list-2", id="file_2"),
        "file": ExistingFile(key="file", id="file_3"),
    }
    files = manifest.agents["caller"].files
    assert files is not None
    assert [one.key or one.id for one in files] == ["price-list-2", "file_9"]
    assert "# price-list.md, 946 bytes, ready." in " ".join(made.text.split("\n  "))
    assert "${GOOGLE_ACCESS_TOKEN}" in made.text


def test_what_cannot_be_declared_is_left_out_and_said(tmp_path: Path) -> None:
    agents = [
        agent(id="a1", name="Bell", firstMessage="ding\x07", collectFields=["name", "name"]),
        agent(id="a2", name="x" * 41),
        agent(id="a3", name="Bell"),
        agent(id="a4", name="Silent", conversationFlow=None),
        agent(id="a5", name="Odd", type="SIDEWAYS"),
    ]
    manifest, made = round_trip(tmp_path, agents=agents)
    assert list(manifest.agents) == ["bell"]
    assert set(manifest.agents["bell"].fields) == {"name", "type", "conversationFlow"}
    assert "firstMessage is left out" in made.text
    assert all(f"({one})" in made.text for one in ("a2", "a3", "a4", "a5"))
    assert made.ids == {"agents.bell": "a1"}


def test_a_tool_that_cannot_be_named_takes_its_list_along(tmp_path: Path) -> None:
    manifest, made = round_trip(
        tmp_path,
        tools=[tool(1, 1, id="a/b"), tool(2, 4)],
        agents=[agent(toolIds=["a/b", "tool_2"])],
    )
    assert list(manifest.tools) == ["tool-2"]
    assert manifest.agents["caller"].tools is None
    assert "tools is left out" in made.text


def test_a_booking_graph_keeps_its_tool(tmp_path: Path) -> None:
    workflow = {
        "nodes": [{"id": "a", "type": "tool", "prompt": "scheduleAppointment"}],
        "edges": [],
        "startNode": "a",
    }
    booking = agent(conversationFlow=None, workflow=workflow, toolIds=["tool_1"])
    manifest, _ = round_trip(tmp_path, tools=[tool(1, 3)], agents=[booking])
    assert isinstance(manifest.tools["tool-1"], ExistingTool)
    assert "workflow" in manifest.agents["caller"].fields


def test_the_text_is_the_same_every_time() -> None:
    existing = Existing(business="biz_demo", templates=TEMPLATES, agents=[agent()])
    assert write(existing) == write(existing)


def test_a_config_that_is_too_deep_is_only_referred_to(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"a": 1}
    for _ in range(100):
        deep = {"a": deep}
    manifest, _ = round_trip(tmp_path, tools=[tool(1, 4, configOverride=deep)])
    assert manifest.tools["tool-1"] == ExistingTool(key="tool-1", id="tool_1")


def test_a_business_that_can_be_none() -> None:
    with pytest.raises(ValueError, match="business"):
        write(Existing(business="a/b"))


def test_too_many_values() -> None:
    fields = [f"f{at}" for at in range(100)]
    agents = [agent(id=f"a{at}", name=f"A{at}", collectFields=fields) for at in range(210)]
    with pytest.raises(ValueError, match="too much"):
        write(Existing(business="biz_demo", agents=agents))


def test_too_much() -> None:
    agents = [agent(id=f"a{at}", name=f"A{at}", firstMessage="x" * 4_000) for at in range(300)]
    with pytest.raises(ValueError, match="too much"):
        write(Existing(business="biz_demo", agents=agents))


HOSTILE = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.text("ab \n\t#:-'\"{}[]$|>&*!\x1b\r\u2028\x85\xa0\ufeff", max_size=40),
    st.sampled_from(["no", "09:00", "null", "${X}", "$${X}", "---", "id:x", "existing"]),
)
UPSTREAM = st.fixed_dictionaries(
    {
        "name": HOSTILE,
        "type": st.sampled_from(["INBOUND", "OUTBOUND"]),
        "conversationFlow": HOSTILE,
    },
    optional={
        "firstMessage": HOSTILE,
        "customInstructions": HOSTILE,
        "voiceId": HOSTILE,
        "backgroundSound": HOSTILE,
        "collectFields": st.lists(HOSTILE, max_size=3),
        "toolIds": st.lists(HOSTILE, max_size=3),
        "personality": st.dictionaries(st.sampled_from(["tone", "useHumor", "x"]), HOSTILE),
        "onDuty": st.booleans(),
    },
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    upstream=st.lists(UPSTREAM, max_size=3),
    override=st.dictionaries(HOSTILE, HOSTILE | st.lists(HOSTILE, max_size=2), max_size=3),
    name=HOSTILE,
)
def test_whatever_exists_is_written_and_read_back(
    tmp_path: Path, upstream: list[dict[str, Any]], override: dict[str, Any], name: str
) -> None:
    agents = [
        VoiceAgent.model_validate({"id": f"a{at}", **one}) for at, one in enumerate(upstream)
    ]
    manifest, made = round_trip(
        tmp_path,
        agents=agents,
        tools=[tool(1, 4, configOverride=override, displayName=name)],
        files=[KnowledgeFile(id="f", name=name)],
    )
    for key, declared in manifest.agents.items():
        given = upstream[int(made.ids[f"agents.{key}"].removeprefix("a"))]
        for field in ("name", "type", "conversationFlow"):
            assert declared.fields[field] == given[field]
        for field in ("firstMessage", "customInstructions", "collectFields"):
            if field in declared.fields:
                assert declared.fields[field] == given[field]
    (declared_tool,) = manifest.tools.values()
    if isinstance(declared_tool, ToolDeclaration) and override:
        assert declared_tool.config == override
