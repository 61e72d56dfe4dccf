"""Turns what a node tells the agent to do into what the agent says.

A prompt instructs; it isn't read out. What makes no natural line is left unsaid.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sandbox.agents.prose import forbids, read, sentences_of, straightened
from sandbox.model.workflow import Node
from sandbox.talk.asking import Part, parts_of
from sandbox.talk.person import PEOPLE, spoken_to
from sandbox.talk.text import clean, whole

SAID_LENGTH = 260
MOST_MOVES = 6
"""So many statements and questions a prompt makes at most."""

QUOTED = re.compile(r"[\"“](?P<words>[^\"“”]{3,400})[\"”]")
TELLS = re.compile(
    r"(?:say|ask|tell|greet|open|close|begin|start|end|answer|respond|reply)\b", re.IGNORECASE
)
TOLD_WHOM = re.compile(
    rf"(?:(?:to )?(?:them|him|her|everybody|everyone|{PEOPLE}s?)\s+)?(?P<rest>.*)", re.IGNORECASE
)
KIND = re.compile(r"(?P<kind>that|about|of|to|on)\s+(?P<rest>\S.*)", re.IGNORECASE)
INTRODUCES = re.compile(
    r"(?:that )?you (?:are|'re) (?:calling|ringing|phoning|the|an?|from|with"
    r"|on behalf|\w+ from)\b",
    re.IGNORECASE,
)
OF_TOOLS = re.compile(
    r"\b(?:visits?|appointments?|slots?|times|dates?|openings?|schedul\w+|calendar|book\w*"
    r"|availability|transfer\w*|tools?)\b",
    re.IGNORECASE,
)
KNOWN_ALREADY = re.compile(
    r"\b(?:appointment|booking|day|time|date|details|everything|summary|agreed|order|call)\b",
    re.IGNORECASE,
)
UNSPEAKABLE = re.compile(
    rf"[{{}}\[\]<>|\\…]|\b(?:{PEOPLE}|the agent|the assistant|the prompt|the script"
    rf"|if they|they)\b",
    re.IGNORECASE,
)
INDIRECT = re.compile(r"(?:who|what|when|where|why|how|which|whether)\b", re.IGNORECASE)
CHOICE = re.compile(r"\s+or\s+(?:whether|not)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Move:
    """Something the agent says: a statement, or a question by its parts."""

    text: str = ""
    parts: tuple[Part, ...] = ()


def moves_of(node: Node) -> tuple[Move, ...]:
    """What the agent says on entering a conversation node: its message, then by its prompt."""
    said = (Move(text=whole(node.first_message)),) if node.first_message else ()
    return said + _by_prompt(node.prompt)


def condition_of(node: Node) -> str | None:
    """The condition that a prompt begins with: ``If they ...``; None for one that has none."""
    return None if node.first_message else _first_condition(node.prompt)


@lru_cache(maxsize=4096)
def _first_condition(prompt: str) -> str | None:
    first = next(sentences_of(prompt), "")
    told = read(first)
    return told.condition if told.actions else None


@lru_cache(maxsize=4096)
def _by_prompt(prompt: str) -> tuple[Move, ...]:
    found: list[Move] = []
    for at, sentence in enumerate(sentences_of(straightened(prompt))):
        told = read(sentence)
        quoted = QUOTED.search(sentence)
        if told.condition is not None and at:
            continue
        if quoted is not None and (TELLS.match(told.rest) or quoted.start() == 0):
            found += _literally(quoted["words"])
        elif not told.actions:
            found += _asked_in_words(sentence)
        else:
            for action in told.actions:
                found += _move(action)
    return tuple(dict.fromkeys(found))[:MOST_MOVES]


def _literally(words: str) -> list[Move]:
    said = whole(clean(words, SAID_LENGTH))
    return [] if UNSPEAKABLE.search(said) else [Move(text=said)]


def _asked_in_words(sentence: str) -> list[Move]:
    said = clean(sentence, SAID_LENGTH)
    return [Move(text=whole(said))] if said.endswith("?") and not UNSPEAKABLE.search(said) else []


def _move(action: str) -> list[Move]:
    verb, _, rest = action.partition(" ")
    made = _SAID.get(verb.lower())
    if made is None or forbids(action):
        return []
    told = made(rest.strip(" .,;:"))
    if isinstance(told, str):
        said = whole(clean(told, SAID_LENGTH))
        return [Move(text=said)] if told and not UNSPEAKABLE.search(said) else []
    speakable = (part for part in told if not UNSPEAKABLE.search(part.words))
    parts = tuple(
        part
        for part in speakable
        if part.words.isprintable() and len(part.words) <= SAID_LENGTH // 2
    )
    return [Move(parts=parts)] if parts else []


Made = str | tuple[Part, ...]


def _asked(rest: str) -> Made:
    return parts_of(CHOICE.sub("", rest))


def _found_out(rest: str) -> Made:
    bare = re.sub(r"^out\s+", "", rest, flags=re.IGNORECASE)
    plain = INDIRECT.match(bare) or re.match(r"if\b", bare, re.IGNORECASE)
    return parts_of(CHOICE.sub("", bare)) if plain or bare != rest else ""


def _collected(rest: str) -> Made:
    return (
        "" if OF_TOOLS.search(rest) or re.search(r"\bnotes?\b", rest) else parts_of(f"for {rest}")
    )


def _taken(rest: str) -> Made:
    if re.search(r"\bmessage\b", rest):
        return parts_of("whether they would like to leave a message")
    return (
        parts_of(f"for {rest}")
        if re.match(r"(?:down )?(?:their|the (?:\w+'s|name))\b", rest)
        else ""
    )


def _confirmed(rest: str) -> Made:
    if re.match(r"(?:that|whether|if)\b", rest, re.IGNORECASE):
        return parts_of(
            "whether " + re.sub(r"^(?:that|whether|if)\s+", "", rest, flags=re.IGNORECASE)
        )
    if KNOWN_ALREADY.search(rest) or OF_TOOLS.search(rest):
        return ""
    return parts_of(f"to confirm {rest} for me")


def _told(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    what = read_as["rest"] if read_as else rest
    kind = KIND.fullmatch(what)
    if kind is None or INTRODUCES.match(what):
        return ""
    said = spoken_to(kind["rest"])
    match kind["kind"].lower():
        case "that":
            return said
        case "about":
            return f"I would like to mention {said}"
        case _:
            return ""


def _let(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    what = read_as["rest"] if read_as else rest
    return _told(what.removeprefix("know").strip()) if what.startswith("know ") else ""


def _mentioned(rest: str) -> Made:
    if re.match(r"that\b", rest, re.IGNORECASE):
        return _told(rest)
    return "" if INDIRECT.match(rest) else f"I would like to mention {spoken_to(rest)}"


def _explained(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    what = read_as["rest"] if read_as else rest
    if re.match(r"that\b", what, re.IGNORECASE):
        return _told(what)
    return f"I will send you a summary of {spoken_to(what)} after the call" if what else ""


def _offered(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    what = read_as["rest"] if read_as else rest
    if not what or OF_TOOLS.search(what):
        return ""
    return (
        f"We can offer {spoken_to(what) if what.startswith('to ') else 'you ' + spoken_to(what)}"
    )


def _suggested(rest: str) -> Made:
    return "" if OF_TOOLS.search(rest) or not rest else f"I would suggest {spoken_to(rest)}"


def _reminded(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    kind = KIND.fullmatch(read_as["rest"] if read_as else rest)
    if kind is None:
        return ""
    said = spoken_to(kind["rest"])
    match kind["kind"].lower():
        case "that":
            return f"Just as a reminder, {said}"
        case "to":
            return f"Please remember to {said}"
        case _:
            return f"I would like to remind you of {said}"


def _invited(rest: str) -> Made:
    read_as = TOLD_WHOM.fullmatch(rest)
    kind = KIND.fullmatch(read_as["rest"] if read_as else rest)
    if kind is None or kind["kind"].lower() != "to" or OF_TOOLS.search(rest):
        return ""
    return f"You are welcome to {spoken_to(kind['rest'])}"


def _sorry(rest: str) -> Made:  # noqa: ARG001 -- whatever for, the words are the same
    return "I am sorry about that"


_SAID: dict[str, Callable[[str], Made]] = {
    **dict.fromkeys(("ask", "inquire", "enquire"), _asked),
    **dict.fromkeys(
        ("find", "check", "determine", "learn", "establish", "clarify", "identify", "see"),
        _found_out,
    ),
    **dict.fromkeys(("collect", "gather", "get", "obtain", "request"), _collected),
    "take": _taken,
    "let": _let,
    **dict.fromkeys(("confirm", "verify"), _confirmed),
    **dict.fromkeys(("say", "tell", "inform", "state", "assure", "promise", "reassure"), _told),
    **dict.fromkeys(("explain", "describe"), _explained),
    **dict.fromkeys(("mention", "present"), _mentioned),
    **dict.fromkeys(("offer", "propose"), _offered),
    **dict.fromkeys(("suggest", "recommend"), _suggested),
    "remind": _reminded,
    "invite": _invited,
    **dict.fromkeys(("apologize", "apologise", "empathize", "empathise"), _sorry),
}
"""Other verbs tell how to behave, or what a tool is to do; hellos and goodbyes are said anyway."""
