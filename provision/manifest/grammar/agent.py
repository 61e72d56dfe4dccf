"""A voice agent of a manifest: the guide's own fields, and what is wanted of it once it lives."""

from provision.manifest.grammar.hours import ACTIVATED_HOURS
from provision.manifest.grammar.words import URL, line, prose, reference
from provision.manifest.grammar.workflow import WORKFLOW
from provision.manifest.records import Field, Items, Record
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Choice, Flag, Text
from provision.manifest.tree import Node, scalar

MAX_NAME = 40

TYPES = ("INBOUND", "OUTBOUND")


def _check_agent(node: Node, path: Path, report: Report) -> None:
    kind, hours = node.child("type"), node.child("activatedHours")
    if hours is not None and kind is not None and kind.text() == "OUTBOUND":
        message = "activatedHours are for INBOUND agents only"
        place = node.keys["activatedHours"]
        report.add((*path, "activatedHours"), place, "inbound_only", message)
    deploy, duty = node.child("deploy"), node.child("onDuty")
    if duty is not None and deploy is not None and _is_off(deploy):
        message = "onDuty needs a deployed agent, and deploy is false"
        report.add((*path, "onDuty"), node.keys["onDuty"], "needs_deploy", message)


def _is_off(node: Node) -> bool:
    return (scalar(node.raw) if node.expanded else node.value) is False


_PERSONALITY = Record(
    title="a personality",
    fields={
        "tone": Field(
            shape=Text(hints=("friendly", "professional")),
            nullable=True,
            about="How it sounds, such as friendly or professional.",
        ),
        "style": Field(
            shape=Text(hints=("conversational", "narrative")),
            nullable=True,
            about="How it speaks, such as conversational or narrative.",
        ),
        "description": Field(
            shape=prose(5_000), nullable=True, about="Who it is, in words of your own."
        ),
        "useEmpathy": Field(
            shape=Flag(), nullable=True, about="Whether it shows that it feels with people."
        ),
        "useHumor": Field(shape=Flag(), nullable=True, about="Whether it may joke."),
    },
)

_OUTBOUND = {"properties": {"type": {"const": "OUTBOUND"}}, "required": ["type"]}
_NOT_DEPLOYED = {"properties": {"deploy": {"const": False}}, "required": ["deploy"]}

AGENT = Record(
    title="an agent",
    fields={
        "name": Field(
            shape=line(MAX_NAME, "a name"),
            required=True,
            about="1 to 40 characters, once in a manifest.",
        ),
        "type": Field(
            shape=Choice(TYPES),
            required=True,
            about="INBOUND takes calls, OUTBOUND places them. It can't change later.",
        ),
        "voice": Field(
            shape=line(expected="a voice's name or id"),
            nullable=True,
            about="A voice's name or id; the platform's own choice where left out.",
        ),
        "firstMessage": Field(
            shape=prose(5_000), nullable=True, about="What the agent says first."
        ),
        "conversationFlow": Field(
            shape=prose(), about="The conversation in prose. This or workflow is needed."
        ),
        "workflow": Field(
            shape=WORKFLOW, about="The conversation as a graph, instead of conversationFlow."
        ),
        "customInstructions": Field(
            shape=prose(), nullable=True, about="What the agent must heed besides."
        ),
        "personality": Field(
            shape=_PERSONALITY, nullable=True, about="How the agent comes across."
        ),
        "multilingual": Field(
            shape=Flag(), nullable=True, about="Whether it must understand several languages."
        ),
        "backgroundSound": Field(
            shape=Text(
                pattern=f"office|{URL.pattern}",
                most=URL.most,
                expected="office, or the web address of a sound",
                code="bad_url",
                hints=("office",),
            ),
            nullable=True,
            about="office for the sound of one, or the web address of a sound of your own.",
        ),
        "collectFields": Field(
            shape=Items(item=line(100, "a name"), expected="names", unique=True),
            nullable=True,
            about="What to find out in each call, such as name, email, callbackAt.",
        ),
        "activatedHours": Field(
            shape=ACTIVATED_HOURS,
            nullable=True,
            about="When an INBOUND agent answers; always, where left out.",
        ),
        "tools": Field(
            shape=Items(item=reference("a tool"), expected="tools", unique=True),
            nullable=True,
            about="Keys under tools, or upstream ids as id:...",
        ),
        "files": Field(
            shape=Items(item=reference("a file"), expected="files", unique=True),
            nullable=True,
            about="Keys under files, or upstream ids as id:...: what the agent can quote.",
        ),
        "deploy": Field(
            shape=Flag(),
            default=True,
            about="Whether it gets a phone number and goes live.",
        ),
        "onDuty": Field(
            shape=Flag(),
            about="Whether it may call or answer. Left out, duty is what deployment and people "
            "make it.",
        ),
    },
    one_of=("conversationFlow", "workflow"),
    judge=_check_agent,
    extra={
        "allOf": [
            {"if": _OUTBOUND, "then": {"properties": {"activatedHours": False}}},
            {"if": _NOT_DEPLOYED, "then": {"properties": {"onDuty": False}}},
        ]
    },
)
"""An entry of ``agents``."""
