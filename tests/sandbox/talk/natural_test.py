"""Transcripts read like conversations, whoever wrote the agent and whatever the call comes to."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import seed
from sandbox.agents.graph import GraphBody
from sandbox.calls import CallType
from sandbox.model.agents import AgentType
from sandbox.script import Outcome
from sandbox.talk.persona import Wish
from tests.sandbox.talk.flows import PROSE
from tests.sandbox.talk.stage import Stage

EXAMPLES = Path(__file__).parents[3] / "examples" / "agents"
SEEDS = 30
FATES: tuple[tuple[Outcome, Wish | None], ...] = (
    *((Outcome.ANSWERED_INTERESTED, wish) for wish in Wish),
    (Outcome.ANSWERED_NOT_INTERESTED, None),
    (Outcome.CALLBACK, None),
    (Outcome.OPT_OUT, None),
    (Outcome.WRONG_PERSON, None),
    (Outcome.VOICEMAIL, None),
)
CONTEXTS = (
    "The roof leaks since Sunday.",
    "Call Dana about: water heater. They wrote: it leaks",
    "You are calling on behalf of Tidewell Roofing.",
)
INSTRUCTS = re.compile(
    r"let us go on|if the (?:caller|customer|person|patient)"
    r"|the (?:caller|customer|lead|patient)\b|otherwise|listen to"
    r"|ask (?:for|what|whether|them)|\bnever\b.*\bnever\b|\bthey want\b|\bthem\b"
    r"|scheduling tool|transfer the call|end the call|\bprompt\b|\{|\[|\||https?:",
    re.IGNORECASE,
)
CLOSES = re.compile(
    r"goodbye|good day|you too|bye\.|connecting you|thanks|called again|talk to you", re.IGNORECASE
)


def _example(name: str) -> dict[str, Any]:
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    (told,) = yaml.safe_load(text)["agents"].values()
    graph = told.get("workflow")
    return {
        "type": told["type"],
        "conversation_flow": told.get("conversationFlow"),
        "workflow": graph and GraphBody.model_validate(graph).checked(),
        "first_message": told.get("firstMessage"),
        "collect_fields": tuple(told["collectFields"]),
    }


def _planted(flow: str, kind: str = "OUTBOUND") -> dict[str, Any]:
    return {"type": kind, "conversation_flow": flow, "collect_fields": seed.FIELDS}


AGENTS: dict[str, dict[str, Any]] = {
    **{name: _example(name) for name in ("plumber", "reception", "reminder")},
    "caller": _planted(seed.CALLER_FLOW),
    "draft": _planted(seed.DRAFT_FLOW),
    "inbound": _planted(seed.RECEPTION_FLOW, "INBOUND"),
    "recall": _planted(seed.RECALL_FLOW),
    **{name: {"conversation_flow": prose} for name, prose in PROSE.items()},
}


def _stage(number: int, fields: dict[str, Any], kind: CallType) -> Stage:
    stage = Stage(seed=number)
    files = [
        (EXAMPLES / name).read_text(encoding="utf-8") for name in ("price-list.md", "services.md")
    ]
    usual = {
        "type": AgentType(kind),
        "collect_fields": ("name", "email", "hasPets", "numberOfRooms", "roofAge", "notes"),
        "personality": {"use_empathy": number % 2 == 0},
    }
    tools = (stage.transfer("Dispatcher", "Office", warm=number % 2 == 1), stage.calendar())
    documents = tuple(stage.file(text) for text in files)
    more = {"tool_ids": tools, "knowledge_base_document_ids": documents}
    stage.change(**(usual | fields | more))
    return stage


def _check(transcript: str) -> None:
    lines = [tuple(line.split(": ", 1)) for line in transcript.split("\n")]
    assert len(lines) >= 2, transcript
    assert lines[0][0] in {"Agent", "Customer", "Voicemail"}
    for speaker, said in lines:
        assert said.endswith((".", "?", "!")), said
        assert not said[0].islower(), said
        assert not re.search(
            r"(?<!e\.g)[.?!]\s+[a-z]|\s[,.?!]|\.\.|,\.|\s\s|…|\ba [aeiou]\w{3}", said
        ), said
        if speaker == "Agent":
            assert not INSTRUCTS.search(said), said
    assert all(one != after for one, after in pairwise(lines)), transcript
    sentences = [part for _, said in lines for part in re.split(r"(?<=[.?!])\s", said)]
    questions = [part for part in sentences if part.endswith("?") and len(part) > 25]
    assert len(questions) == len(set(questions)), transcript
    assert any(CLOSES.search(said) for _, said in lines[-2:]), transcript


@pytest.mark.parametrize("name", AGENTS)
def test_every_transcript_reads_like_a_conversation(name: str) -> None:
    fields = AGENTS[name]
    for number in range(SEEDS):
        kind = CallType(fields.get("type", "INBOUND" if number % 3 == 0 else "OUTBOUND"))
        stage = _stage(number, fields, kind)
        for outcome, wish in FATES:
            if kind is CallType.INBOUND and not outcome.spoken:
                continue
            named = "Dana Whitfield" if number % 4 else None
            context = CONTEXTS[number % len(CONTEXTS)]
            _check(stage.told(outcome, wish=wish, kind=kind, name=named, context=context))


def test_an_emergency_goes_to_the_dispatcher_and_the_rest_to_the_office() -> None:
    found: set[tuple[bool, str]] = set()
    for number in range(12):
        stage = _stage(number, AGENTS["plumber"], CallType.OUTBOUND)
        call = stage.call(wish="transfer")
        record = stage.record(call)
        urgent = re.search(r"urgent|can't wait", record["transcript"]) is not None
        found.add((urgent, "Dispatcher" if "Dispatcher" in record["summary"] else "Office"))
    assert (True, "Dispatcher") in found
    assert (True, "Office") not in found
