"""What becomes of agents: compared with what they are, live as declared, on duty as declared."""

from typing import Any

import pytest
from pydantic import JsonValue

from provision.errors import AmbiguousError
from provision.manifest import ManifestError
from provision.plan import Drift, Verb
from provision.state import Body, Entry
from tests.provision.drafting.scenes import (
    FLOW,
    agent,
    drafted,
    known,
    manifest,
    seen,
    state,
    tool,
    upstream,
)
from tests.provision.workbench import did

HOURS: JsonValue = {
    "timezone": "America/New_York",
    "hours": [{"day": "monday", "startTime": "09:00", "endTime": "17:00"}],
}
AUTOMATIC: list[Body] = [
    {"id": "auto_end", "type": "endCall"},
    {"id": "auto_ask", "type": "knowledgeBaseQuery"},
    {"id": "auto_transfer", "type": "transferCall"},
]


def inbound(**more: Any) -> Body:  # noqa: ANN401 - any JSON value
    return seen(type="INBOUND", activatedHours=HOURS, **more)


def test_an_agent_that_is_as_declared_stays() -> None:
    made = drafted(manifest(agent()), state(agents_desk=known()), upstream(seen()))
    assert did(made) == []


def test_fields_that_the_manifest_leaves_out_are_left_alone() -> None:
    found = upstream(seen(voiceId="voice-2", firstMessage="Hi", personality={"tone": "calm"}))
    assert did(drafted(manifest(agent()), state(agents_desk=known()), found)) == []


def test_the_form_that_the_upstream_generates_is_left_alone() -> None:
    found = upstream(seen(workflow={"nodes": [], "edges": [], "startNode": "a"}))
    assert did(drafted(manifest(agent()), state(agents_desk=known()), found)) == []


def test_the_other_form_takes_the_place_of_the_first() -> None:
    graph = {"nodes": [{"id": "a", "type": "conversation", "prompt": "Hi"}], "edges": []}
    declared = agent(fields={"workflow": graph | {"startNode": "a"}})
    made = drafted(manifest(declared), state(agents_desk=known()), upstream(seen()))
    assert did(made) == [(Verb.UPDATE, "agents.desk")]
    assert made.changes[0].fields == {"workflow"}


def test_null_clears_what_is_there() -> None:
    declared = agent(fields=FLOW | {"firstMessage": None})
    made = drafted(
        manifest(declared), state(agents_desk=known()), upstream(seen(firstMessage="Hi"))
    )
    (difference,) = made.changes[0].differences
    assert (difference.path, difference.before, difference.after) == ("firstMessage", "Hi", None)


def test_null_where_the_upstream_has_a_default_of_its_own_is_done_once() -> None:
    declared = agent(fields=FLOW | {"backgroundSound": None})
    kept = known({"backgroundSound": None}, {"backgroundSound": "office"})
    found = upstream(seen(backgroundSound="office"))
    made = drafted(manifest(declared), state(agents_desk=kept), found)
    assert did(made) == []
    assert made.warnings == ()


def test_a_field_that_the_upstream_shows_its_own_way_is_sent_once() -> None:
    declared = agent(fields=FLOW | {"backgroundSound": "office"})
    kept = known({"backgroundSound": "office"}, {"backgroundSound": "https://example.com/o.mp3"})
    found = upstream(seen(backgroundSound="https://example.com/o.mp3"))
    made = drafted(manifest(declared), state(agents_desk=kept), found)
    assert did(made) == []
    assert "backgroundSound" in made.warnings[0]


@pytest.mark.parametrize(
    ("word", "voice"), [("Sarah", "voice-1"), ("sARAH", "voice-1"), ("voice-2", "voice-2")]
)
def test_a_voice_is_named_by_name_or_id(word: str, voice: str) -> None:
    declared = agent(voice=word, voice_given=True)
    assert (
        did(
            drafted(
                manifest(declared),
                state(agents_desk=known({"voiceId": voice}, {"voiceId": voice})),
                upstream(seen(voiceId=voice)),
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("word", "code", "meant"),
    [
        ("Sara", "unknown_voice", "did you mean"),
        ("Michael", "ambiguous_voice", "voice-2, voice-3"),
        ("\x1b[2Jzzz", "unknown_voice", ""),
    ],
)
def test_a_voice_that_is_none_or_several_is_a_fault(word: str, code: str, meant: str) -> None:
    with pytest.raises(ManifestError) as caught:
        drafted(manifest(agent(voice=word, voice_given=True)))
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == (code, "agents.desk.voice")
    assert meant in (fault.suggestion or "")
    assert str(fault).isprintable()


def test_automatic_tools_are_no_difference() -> None:
    kept = state(agents_desk=known({"toolIds": ["tool_1"]}, {"toolIds": ["tool_1"]}))
    kept = kept.with_entry(
        "tools.desk",
        Entry(
            id="tool_1",
            sent={"templateToolId": "template-transfer-001", "configOverride": {}},
        ),
    )
    ids = ["tool_1", "auto_end", "auto_ask", "auto_transfer", "auto_unlisted"]
    tools = [{"id": "tool_1", "type": "transferCall"}, *AUTOMATIC]
    declared = manifest(tool(), agent(tools=["desk"]))
    made = drafted(declared, kept, upstream(seen(toolIds=ids), tools=tools))
    assert did(made) == []
    assert made.drift == ()


def test_a_tool_that_somebody_gave_it_is_drift() -> None:
    tools = [{"id": "tool_9", "type": "function"}, *AUTOMATIC]
    kept = state(agents_desk=known({"toolIds": []}, {"toolIds": None}))
    found = upstream(seen(toolIds=["tool_9", "auto_end"]), tools=tools)
    made = drafted(manifest(agent(tools=[])), kept, found)
    assert [one.drift for one in made.drift] == [Drift.CHANGED]
    (difference,) = made.changes[0].differences
    assert (difference.before, difference.after) == (["tool_9"], None)


def test_several_namesakes_are_for_a_person_to_tell_apart() -> None:
    with pytest.raises(AmbiguousError) as caught:
        drafted(manifest(agent()), None, upstream(seen("agent_1"), seen("agent_2")))
    assert caught.value.ids == ("agent_1", "agent_2")


def test_a_namesake_of_another_type_is_another_agent() -> None:
    made = drafted(manifest(agent()), None, upstream(seen(type="INBOUND")))
    assert did(made)[0] == (Verb.CREATE, "agents.desk")


def test_an_interrupted_change_is_finished_and_no_drift() -> None:
    kept = state(agents_desk=known(touched=True))
    made = drafted(manifest(agent()), kept, upstream(seen(conversationFlow="Half done.")))
    assert made.drift == ()
    assert did(made) == [(Verb.UPDATE, "agents.desk")]
    assert made.changes[0].reason == "because an earlier run was interrupted"


@pytest.mark.parametrize(
    ("deploy", "on_duty", "shown", "verbs"),
    [
        (True, None, {"phoneNumber": None, "onDuty": None}, [Verb.DEPLOY]),
        (True, True, {"phoneNumber": None, "onDuty": None}, [Verb.DEPLOY]),
        (True, False, {"phoneNumber": None, "onDuty": None}, [Verb.DEPLOY, Verb.OFF_DUTY]),
        (False, None, {"phoneNumber": None, "onDuty": None}, []),
        (True, None, {"onDuty": False}, []),
        (True, True, {"onDuty": False}, [Verb.ON_DUTY]),
        (True, False, {"onDuty": True}, [Verb.OFF_DUTY]),
        (True, True, {"onDuty": True}, []),
        (False, False, {"onDuty": True}, [Verb.OFF_DUTY]),
    ],
)
def test_deployment_and_duty(
    deploy: bool,  # noqa: FBT001 - a case of the table
    on_duty: bool | None,  # noqa: FBT001 - as above
    shown: dict[str, Any],
    verbs: list[Verb],
) -> None:
    declared = manifest(agent(deploy=deploy, on_duty=on_duty))
    made = drafted(declared, state(agents_desk=known()), upstream(seen(**shown)))
    assert [verb for verb, _ in did(made)] == verbs


def test_a_deployment_can_t_be_taken_back_and_says_so() -> None:
    made = drafted(manifest(agent(deploy=False)), state(agents_desk=known()), upstream(seen()))
    assert did(made) == []
    assert "can't undo" in made.warnings[0]


@pytest.mark.parametrize(
    ("duty", "verbs"), [(True, []), (False, [Verb.ON_DUTY]), (None, [Verb.ON_DUTY])]
)
def test_an_inbound_agent_that_was_put_on_duty_is_left_to_its_hours(
    duty: bool | None,  # noqa: FBT001 - a case of the table
    verbs: list[Verb],
) -> None:
    declared = manifest(agent(type="INBOUND", on_duty=True))
    kept = state(agents_desk=known({"type": "INBOUND"}, duty=duty))
    made = drafted(declared, kept, upstream(inbound(onDuty=False)))
    assert [verb for verb, _ in did(made)] == verbs


def test_an_agent_that_is_on_duty_leaves_in_one_step() -> None:
    made = drafted(manifest(), state(agents_desk=known()), upstream(seen()))
    assert did(made) == [(Verb.DELETE, "agents.desk")]
    assert made.changes[0].reason == "because it left the manifest"


def test_what_left_the_manifest_and_is_gone_is_forgotten() -> None:
    made = drafted(manifest(), state(agents_desk=known()), upstream())
    assert did(made) == [(Verb.FORGET, "agents.desk")]


def test_a_name_from_upstream_moves_no_cursor() -> None:
    kept = known({"name": "\x1b]0;owned\x07"})
    made = drafted(manifest(), state(agents_desk=kept), upstream(seen(name="\x1b]0;owned\x07")))
    assert made.changes[0].label.isprintable()


def test_an_agent_that_is_gone_is_not_made_again_beside_its_namesake() -> None:
    # So it is with an old state file: a later run replaced the agent that it remembers.
    made = drafted(manifest(agent()), state(agents_desk=known()), upstream(seen("agent_2")))
    assert did(made) == [(Verb.ADOPT, "agents.desk")]
    assert made.changes[0].id == "agent_2"
    assert [one.drift for one in made.drift] == [Drift.DELETED]


def test_a_type_that_was_changed_outside_is_drift() -> None:
    made = drafted(manifest(agent()), state(agents_desk=known()), upstream(seen(type="INBOUND")))
    (drifted,) = made.drift
    (difference,) = drifted.differences
    assert (difference.path, difference.before, difference.after) == (
        "type",
        "OUTBOUND",
        "INBOUND",
    )
    assert (Verb.REPLACE, "agents.desk") in did(made)


def test_a_type_that_the_manifest_changes_is_no_drift() -> None:
    made = drafted(manifest(agent(type="INBOUND")), state(agents_desk=known()), upstream(seen()))
    assert (Verb.REPLACE, "agents.desk") in did(made)
    assert made.drift == ()


def test_what_was_set_outside_where_nothing_was_sent_is_drift() -> None:
    declared = agent(fields=FLOW | {"firstMessage": None})
    kept = known({"firstMessage": None})
    found = upstream(seen(firstMessage="Hi"))
    made = drafted(manifest(declared), state(agents_desk=kept), found)
    assert [one.path for one in made.drift[0].differences] == ["firstMessage"]
    assert made.changes[0].reason == "because it was changed outside"


def test_replacing_an_adopted_agent_is_not_done_silently() -> None:
    made = drafted(
        manifest(agent(type="INBOUND")), state(agents_desk=known(adopted=True)), upstream(seen())
    )
    (warning,) = made.warnings
    assert "agent_1 was there before this manifest adopted it" in warning


def test_deleting_an_adopted_agent_is_not_done_silently() -> None:
    made = drafted(manifest(), state(agents_desk=known(adopted=True)), upstream(seen()))
    assert did(made) == [(Verb.DELETE, "agents.desk")]
    assert ["adopted" in warning for warning in made.warnings] == [True]
    ours = drafted(manifest(), state(agents_desk=known()), upstream(seen()))
    assert ours.warnings == ()
