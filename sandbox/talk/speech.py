"""Turns what a node tells the agent to do into what the agent says."""

import re
from collections.abc import Callable

from sandbox.model.workflow import Node
from sandbox.talk.text import clean, decapitalized, finished, sentences

PROMPT_LENGTH = 200
PERSON = r"the (?:caller|customer|lead|person|client|prospect|patient|guest|homeowner|user)"
SWAPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf"\b(?:{PERSON})(?:'s|’s)", "your"),  # noqa: RUF001 -- typographic apostrophes are written
        (rf"\b(?:{PERSON})s?\b", "you"),
        (r"\b(?:they|them|him|he|she)\b", "you"),
        (r"\b(?:their|his|her)\b", "your"),
        (r"\byou (?:is|are)\b", "you are"),
        (r"\byou has\b", "you have"),
        (r"\byou was\b", "you were"),
        (r"\byou (want|need|prefer|like|accept|agree)s\b", r"you \1"),
    )
)
CONDITION = re.compile(
    r"(?P<condition>(?:if|when|once|unless)\s+[^,]+),\s*(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL
)
VERBS = re.compile(
    r"(?:please |politely |warmly |briefly |then |first |and )*(?P<verb>[a-z]+)\b\s*(?P<rest>.*)",
    re.IGNORECASE,
)
FAREWELL = re.compile(
    r",?\s*(?:and|then)\s+(?:say goodbye|end the call|hang up|thank \w+.*|wish .*)$", re.IGNORECASE
)
SILENT = frozenset(
    (
        *("answer", "be", "book", "do", "don", "keep", "listen", "never", "quote", "remember"),
        *("respond", "schedule", "speak", "stay", "transfer", "use", "wait"),
    )
)
"""Verbs of prompts that tell how to behave, or what a tool is to do."""

THANKS = "Thank you for your time."
TOLD = re.compile(r"(?:you )?(?P<kind>that|about)\s+(?P<rest>\S.*)", re.IGNORECASE)
QUESTION = re.compile(
    r"(?:out )?(?:(?:you|your) )?(?P<kind>for|about|whether|if|what|when|which|how|where|why|who)?"
    r"\b\s*(?P<rest>.*)",
    re.IGNORECASE,
)


def condition_of(node: Node) -> str | None:
    """The condition that a prompt begins with: ``If they ...``; None for one that has none."""
    read = CONDITION.match(node.prompt)
    return None if read is None or node.first_message else read["condition"]


def utterance(node: Node) -> str | None:
    """What the agent says on entering a conversation node: its message, or by its prompt.

    None where the prompt tells how to behave, not what to say.
    """
    if node.first_message:
        return node.first_message
    conditional = CONDITION.match(node.prompt)
    prompt = conditional["rest"] if conditional else node.prompt
    told = sentences(prompt, limit=PROMPT_LENGTH, most=1)
    read = VERBS.fullmatch(told[0].rstrip(".!? ")) if told else None
    if read is None:
        return _by_label(node)
    verb, rest = read["verb"].lower(), FAREWELL.sub("", read["rest"])
    if verb in SILENT:
        return None
    if verb not in _SAID:
        return "Let us go on." if conditional else _by_label(node)
    return clean(_SAID[verb](_to_the_person(rest)), PROMPT_LENGTH + 60)


def _to_the_person(text: str) -> str:
    for pattern, said in SWAPS:
        text = pattern.sub(said, text)
    return text


def _by_label(node: Node) -> str:
    label = clean(node.label, 60)
    return f"Let us go on with this: {label}." if label else "Let us go on."


def _asked(rest: str) -> str:
    read = QUESTION.fullmatch(rest)
    what = decapitalized(read["rest"]) if read else ""
    kind = (read["kind"] or "").lower() if read else ""
    if not what:
        return "May I ask you something?"
    if kind == "for":
        return f"Could you give me {what}?"
    if kind in {"", "about", "whether", "if"}:
        return f"May I ask {'whether' if kind == 'if' else kind or 'about'} {what}?"
    return f"Could you tell me {kind} {what}?"


def _told(rest: str) -> str:
    what = TOLD.fullmatch(rest)
    if what is None:
        return _thanked(rest)
    if what["kind"].lower() == "about":
        return finished(f"Let me tell you about {what['rest']}")
    return finished(f"{what['rest'][0].upper()}{what['rest'][1:]}")


def _thanked(rest: str) -> str:  # noqa: ARG001 -- whatever for, the words are the same
    return THANKS


def _with(opening: str) -> Callable[[str], str]:
    def said(rest: str) -> str:
        return finished(f"{opening} {rest}".strip())

    return said


_SAID: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("ask", "find", "inquire", "enquire", "check"), _asked),
    **dict.fromkeys(("collect", "gather", "take", "get", "record", "note"), _with("Let me note")),
    **dict.fromkeys(
        ("confirm", "verify", "repeat", "summarize", "summarise"), _with("Let me confirm")
    ),
    **dict.fromkeys(("explain", "describe", "mention", "present"), _with("Let me explain")),
    **dict.fromkeys(("offer", "propose", "suggest"), _with("I can offer")),
    **dict.fromkeys(("thank", "wish", "close", "end", "wrap"), _thanked),
    **dict.fromkeys(("say", "tell", "inform", "state"), _told),
    **dict.fromkeys(("greet", "welcome", "introduce"), lambda _: "Thank you for taking the time."),
    **dict.fromkeys(("apologize", "apologise", "empathize"), lambda _: "I am sorry about that."),
}
