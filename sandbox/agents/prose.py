"""Reads prose that instructs an agent: sentences, and in each its condition and its actions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONG_LINE = 48
"""A line this long was wrapped; a shorter one that a capital follows was ended."""

READ = 2_000
"""So many characters of a sentence are looked at; nobody instructs in longer ones."""

ITEM = re.compile(r"\s*(?:[-*+•]|\(?\d{1,2}[.)]|[a-z]\))\s+")
TITLE = re.compile(r"\s*(?:#{1,6}\s|[-=*_|\s]+$)")
LABEL = re.compile(r"(?:Step \d+|[A-Z][\w/&' -]{1,30}):\s+(?=\S)")
SENTENCE_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"”]))(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\b[DM]r\.)(?<!\bMrs\.)\s+"
)
SPOKEN = frozenset(
    (
        *("apologise", "apologize", "ask", "assure", "book", "cancel", "collect", "confirm"),
        *("connect", "describe", "empathise", "empathize", "end", "enquire", "explain", "find"),
        *("forward", "gather", "greet", "hang", "inform", "inquire", "introduce", "invite"),
        *("mention", "offer", "present", "propose", "put", "quote", "read", "recommend"),
        *("remind", "repeat", "reschedule", "say", "schedule", "suggest", "summarise"),
        *("summarize", "tell", "thank", "transfer", "use", "verify", "welcome", "wish"),
    )
)
"""Verbs that begin an action wherever they stand after a comma or an ``and``."""

VERBS = SPOKEN | frozenset(
    [
        "acknowledge",
        "add",
        "address",
        "always",
        "answer",
        "arrange",
        "avoid",
        "be",
        "begin",
        "check",
        "clarify",
        "close",
        "continue",
        "determine",
        "direct",
        "discuss",
        "do",
        "don't",
        "",
        "emphasize",
        "encourage",
        "ensure",
        "escalate",
        "establish",
        "express",
        "finish",
        "follow",
        "get",
        "give",
        "go",
        "hand",
        "help",
        "identify",
        "keep",
        "learn",
        "leave",
        "let",
        "list",
        "listen",
        "log",
        "look",
        "make",
        "move",
        "never",
        "no",
        "note",
        "obtain",
        "only",
        "open",
        "pause",
        "pay",
        "pitch",
        "proceed",
        "promise",
        "provide",
        "qualify",
        "reassure",
        "record",
        "refer",
        "remember",
        "request",
        "reserve",
        "respond",
        "return",
        "route",
        "save",
        "see",
        "sell",
        "send",
        "set",
        "share",
        "show",
        "skip",
        "speak",
        "start",
        "state",
        "stay",
        "stop",
        "stress",
        "take",
        "teach",
        "treat",
        "try",
        "turn",
        "understand",
        "update",
        "wait",
        "walk",
        "warn",
        "work",
        "wrap",
        "write",
    ]
)
MANNERS = frozenset(
    (
        *("always", "avoid", "be", "ensure", "keep", "listen", "never", "only", "pause"),
        *("remember", "speak", "stay", "wait"),
    )
)
"""Verbs with which nothing is done or said, but in some manner."""

NOUNS = frozenset(
    {"address", "answer", "list", "log", "note", "order", "record", "state", "show", "help"}
)
"""Verbs that name things in a list as well: a name, address and state."""

ALONE = frozenset({"apologize", "apologise", "listen", "transfer", "wait", "greet", "empathize"})
ORDER = re.compile(
    r"(?:(?:please|politely|warmly|briefly|kindly|gently|quickly|first|firstly|then|next|also"
    r"|simply|just|finally|lastly|and|but|so|after that|afterwards|in the end|at the end"
    r"|before (?:you |any|every)[^,]{1,40}(?=,)|(?:once|after|when) you (?:are"
    r"|have)\b[^,]{1,40}(?=,)"
    r"|to begin with|start by|begin by|always|otherwise|else|in any case|make sure to|be sure to"
    r"|try to|remember to|you (?:should|must|will|can|need to|have to)"
    r"|the (?:agent|assistant) (?:should|must|will)|if possible|when you are done|once done)"
    r"\b[,:]?\s+)+",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"(?:(?:if|when|whenever|unless|in case|as soon as)\b"
    r"|once (?:they|the|an?|it|he|she)\b"
    r"|(?:in|for|with) (?:an? |any |the case of )*(?:emergenc\w+|urgent \w+|callers? who\b))",
    re.IGNORECASE,
)
BREAK = re.compile(
    r"(?P<strong>\s*[,;:—]\s+(?:(?:and|then|but"
    r"|or)\s+){0,2})(?P<verb>[A-Za-z']+)\b(?P<more>\s+\w)?"
    r"|(?P<weak>\s+(?:and\s+then|and|then)\s+)(?P<word>[A-Za-z]+)\s"
)
TRAILING = re.compile(
    r"(?P<action>(?:transfer|book|schedule|connect|put|hand|forward|offer|quote|end"
    r"|hang|use)\b.+?)"
    r",?\s+(?P<condition>(?:if|in case|unless|when|whenever)\s+.+)",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"(?:never|no|don't|do not|avoid|without|not)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """A sentence as it is meant.

    Attributes:
        condition: When it holds: ``if they ask``; None: always.
        actions: What is to be done, each beginning with its verb; empty for a remark.
        rest: The sentence without its condition.
    """

    condition: str | None
    actions: tuple[str, ...]
    rest: str


def sentences_of(prose: str) -> Iterator[str]:
    """The sentences of a text; wrapped lines are joined, list items and titles stand alone."""
    for block in _blocks(prose):
        for sentence in SENTENCE_END.split(block):
            if any(map(str.isalnum, sentence)):
                yield sentence.strip()


@lru_cache(maxsize=1024)
def read(sentence: str) -> Instruction:
    """What a sentence instructs; one that instructs nothing has no actions."""
    plain = _unlabelled(straightened(sentence.strip()[:READ])).rstrip(" .!")
    rest = ORDER.sub("", plain, count=1) if ORDER.match(plain) else plain
    if CONDITION.match(rest):
        condition, done = _parted(rest)
        return Instruction(condition, tuple(_actions(done)) if done else (), done)
    trailing = TRAILING.fullmatch(rest)
    if trailing is not None:
        return Instruction(trailing["condition"], (trailing["action"],), trailing["action"])
    return Instruction(None, tuple(_actions(rest)), rest)


def straightened(text: str) -> str:
    """The text with typographic apostrophes made plain, as the rules here spell them."""
    return text.replace("\u2019", "'")


def forbids(action: str) -> bool:
    """Whether an action is one not to be taken."""
    return FORBIDDEN.match(action) is not None


def behaves(told: Instruction) -> bool:
    """Whether a sentence only tells how to behave, whatever is being done."""
    return all(forbids(action) or verb_of(action) in MANNERS for action in told.actions)


def verb_of(action: str) -> str:
    """The first word of an action, in lower case."""
    return action.split(maxsplit=1)[0].lower().strip(",.:;") if action.strip() else ""


def _blocks(prose: str) -> Iterator[str]:
    lines: list[str] = []
    for line in prose.splitlines():
        if lines and not _goes_on(lines[-1], line):
            yield " ".join(lines)
            lines = []
        if line.strip() and not TITLE.match(line):
            lines.append(ITEM.sub("", line, count=1).strip())
    if lines:
        yield " ".join(lines)


def _goes_on(before: str, line: str) -> bool:
    stripped = line.strip()
    if not stripped or ITEM.match(line) or TITLE.match(line):
        return False
    return not stripped[0].isupper() or len(before) >= LONG_LINE or before[-1:] in ".!?,;:"


def _unlabelled(sentence: str) -> str:
    label = LABEL.match(sentence)
    return sentence if label is None or verb_of(label[0]) in VERBS else sentence[label.end() :]


def _parted(sentence: str) -> tuple[str, str]:
    breaks = [found for found in BREAK.finditer(sentence) if found["strong"]]
    acting = [found for found in breaks if _acts(found)]
    if acting:
        return sentence[: acting[0].start()], _unordered(sentence[acting[0].start("verb") :])
    comma = next((found for found in breaks if "," in found["strong"]), None)
    if comma is None:
        return sentence, ""
    return sentence[: comma.start()], _unordered(sentence[comma.start("verb") :])


def _unordered(text: str) -> str:
    return ORDER.sub("", text, count=1) if ORDER.match(text) else text


def _actions(text: str) -> Iterator[str]:
    if verb_of(text) not in VERBS:
        return
    start = 0
    for found in BREAK.finditer(text):
        if found.start() >= start and _acts(found):
            yield text[start : found.start()].strip()
            start = found.start("verb") if found["strong"] else found.start("word")
    yield text[start:].strip()


def _acts(found: re.Match[str]) -> bool:
    if found["weak"]:
        return found["word"].lower() in SPOKEN
    verb = found["verb"].lower()
    if verb in NOUNS:
        return False
    alone = verb in ALONE or found["more"] is not None
    return (verb in VERBS and alone) or verb in _ORDERS


_ORDERS = frozenset({"please", "politely", "briefly", "first", "then", "always"})
