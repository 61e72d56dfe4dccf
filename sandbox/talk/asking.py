"""Turns what an agent is told to ask into the question that it asks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.talk.person import spoken_to
from sandbox.talk.topics import Topic, topic_of

LEADS = re.compile(
    r"(?:(?:out|politely|them|him|her|you|me|back|again|if possible)\b,?\s+"
    r"|(?:the|an?y?) (?:caller|customer|lead|person|client|prospect|patient|guest|homeowner"
    r"|user|tenant|buyer|owner|resident|visitor|member|driver|parent|applicant|candidate"
    r"|contact)s?\s+(?!')(?=for\b|about\b|whether\b|if\b|what\b|when\b|which\b|how\b|where\b"
    r"|why\b|who\b|to\b))+",
    re.IGNORECASE,
)
KIND = re.compile(
    r"(?P<kind>for|about|whether|if|to|one|a few|some)\s+(?P<rest>.+)", re.IGNORECASE
)
WH = (
    r"(?:what|when|where|which|who|whose|why|how|since when|by when|until when"
    r"|(?:at|in|on|to|for|from|with|by) (?:which|what|whom))"
)
INDIRECT = re.compile(rf"{WH}\b", re.IGNORECASE)
PARTS = re.compile(r"\s*,\s+(?:(?:and|or)\s+)?|\s+and\s+", re.IGNORECASE)
WH_PARTS = re.compile(
    rf"(?:\s*,\s+(?:(?:and|or)\s+)?|\s+and\s+)(?={WH}\b|whether\b)", re.IGNORECASE
)
BE = r"is|are|was|were|has|have|had|can|could|will|would|should|may|might|must"
DIRECT_WH = re.compile(
    rf"(?:what|who|(?:which|what) (?!(?:you|we|I|it)\b)\w+)\s+(?:{BE}|happened|brings"
    rf"|went|suits?|fits?)\b.*",
    re.IGNORECASE,
)
YOU_WH = re.compile(
    rf"(?P<wh>{WH}(?: (?:kind|sort|type) of \w+| (?:day|time|many \w+|much|long|often|old))?)\s+"
    r"(?P<who>you|I|we|they)\s+(?P<verb>[a-z]+)(?P<rest>.*)",
    re.IGNORECASE,
)
IT_WH = re.compile(
    r"(?P<wh>what|how|who)\s+(?P<who>it|this|that)\s+is\s+(?P<rest>about|for)$", re.IGNORECASE
)
TO_DO = re.compile(rf"(?P<wh>{WH}(?: \w+)?) to (?P<rest>.+)", re.IGNORECASE)
AUXILIARY = frozenset(BE.split("|"))
MODAL = frozenset(("can", "could", "will", "would", "should", "may", "might", "must"))
SUBJECT = re.compile(
    r"(?P<who>you|I|we|it|this|that|there|now|anybody|anyone|somebody|someone"
    r"|(?:the|your|our|my|an?) [\w'-]+(?: [\w'-]+)??)\s+"
    r"(?P<adverb>(?:still|also|already|currently|ever|really"
    r"|now) )?(?P<verb>[a-z']+)\b(?P<rest>.*)",
    re.IGNORECASE,
)
NOUNS_TOLD = re.compile(
    r"(?:your|the|their|his|her|an?|any|some|all|more|what|how|when|where|why|which|whether)\b",
    re.IGNORECASE,
)
OWNED = re.compile(
    r"(?:their|his|her|your|the \w+'s|(?:full |first |last |preferred |best |zip "
    r"|phone |contact )?"
    r"(?:names?|e-?mail|address|phone|number|reason|contact|code|budget|time|date|birth\w*))\b",
    re.IGNORECASE,
)
QUESTIONS = re.compile(r"(?:\w+ )?questions?\b.*", re.IGNORECASE)
MOST_PARTS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked for: its words, to the person, and what it is about."""

    words: str
    topic: Topic
    kind: str


def parts_of(told: str) -> tuple[Part, ...]:
    """What an agent is told to ask, apart; empty where it makes no question."""
    rest = LEADS.sub("", told.strip(), count=1) if LEADS.match(told.strip()) else told.strip()
    rest = rest.partition(":")[0].rstrip(" ,.;")
    read = KIND.fullmatch(rest)
    kind, what = (read["kind"].lower(), read["rest"]) if read else ("", rest)
    if kind in {"one", "a few", "some"}:
        kind, what = "", rest
    if not what or not any(map(str.isalnum, what)):
        return ()
    found = list(_parts(kind, what))[:MOST_PARTS]
    return tuple(sorted(found, key=lambda part: part.kind != "whether"))


def question(parts: Sequence[Part]) -> str:
    """The parts as one question, or two where one won't do."""
    yes_no = [part for part in parts if part.kind in {"whether", "if"}]
    others = [part for part in parts if part not in yes_no]
    said = [_whether(part.words) for part in yes_no]
    if others:
        said.append(_together(others))
    return " ".join(said)


def _parts(kind: str, what: str) -> Iterator[Part]:
    if kind in {"whether", "if"}:
        first, *further = WH_PARTS.split(what)
        yield _part(first, "whether")
        yield from map(_clause, further)
    elif kind == "to" or QUESTIONS.fullmatch(what):
        yield _part(what, kind or "questions")
    elif INDIRECT.match(what):
        yield from map(_clause, WH_PARTS.split(what))
    else:
        for one in filter(None, _nouns(what)):
            yield _clause(one) if INDIRECT.match(one) else _part(_owned(one, what), kind)


def _clause(clause: str) -> Part:
    bare = re.sub(r"^whether\s+", "", clause, flags=re.IGNORECASE)
    return _part(bare, "whether" if bare != clause else "")


def _owned(noun: str, whole: str) -> str:
    # In "their name and number" the number is theirs as well.
    if NOUNS_TOLD.match(noun) or not OWNED.match(whole):
        return noun
    return f"their {noun}"


def _nouns(what: str) -> list[str]:
    found = PARTS.split(what)
    short = all(len(one.split()) <= 6 for one in found)  # noqa: PLR2004 -- longer ones are clauses
    return found if short else [what]


def _part(words: str, kind: str) -> Part:
    said = spoken_to(words.strip(" ,."))
    return Part(said, topic_of(said), kind)


def _together(parts: Sequence[Part]) -> str:
    first = parts[0]
    if first.kind == "to":
        return f"Could you {first.words}?"
    if first.kind == "questions":
        return "May I ask you a few questions?"
    if len(parts) == 1:
        return _single(first)
    *others, last = (part.words for part in parts)
    comma = "," if len(others) > 1 else ""
    return f"Could you tell me {', '.join(others)}{comma} and {last}?"


def _single(part: Part) -> str:
    words = part.words
    direct = _direct(words)
    if direct:
        return direct
    if INDIRECT.match(words):
        return f"Could you tell me {words}?"
    if part.topic is Topic.NAME:
        return "May I have your name?"
    if part.kind == "about":
        return f"Could you tell me {'a little ' if NOUNS_TOLD.match(words) else ''}about {words}?"
    if part.kind == "for" and re.match(r"an?\s", words):
        return f"Could you give me {words}?"
    if part.kind == "for" and words.isalpha():
        return f"May I ask for your {words}?"
    if not NOUNS_TOLD.match(words) and part.topic is Topic.OTHER:
        return f"Could you tell me about {words}?"
    return f"Could you tell me {words}?"


def _direct(words: str) -> str | None:
    if DIRECT_WH.fullmatch(words):
        return f"{_capital(words)}?"
    asked = TO_DO.fullmatch(words)
    if asked is not None:
        return f"{_capital(asked['wh'])} may I {asked['rest']}?"
    found = IT_WH.fullmatch(words)
    if found is not None:
        return f"{_capital(found['wh'])} is {found['who']} {found['rest']}?"
    read = YOU_WH.fullmatch(words)
    if read is None:
        return None
    verb = read["verb"].lower()
    helper = verb if verb in AUXILIARY else "do"
    main = "" if verb in AUXILIARY else f" {verb}"
    if helper == "do" and (_past(verb)):
        return None
    return f"{_capital(read['wh'])} {helper} {read['who']}{main}{read['rest']}?"


_PAST = frozenset(
    (
        *("heard", "found", "saw", "did", "got", "went", "came", "began", "bought", "had"),
        *("made", "thought", "felt"),
    )
)


def _whether(clause: str) -> str:
    read = SUBJECT.fullmatch(clause)
    if read is None:
        return f"May I ask whether {clause}?"
    who, verb = read["who"], read["verb"].lower()
    adverb, rest = read["adverb"] or "", read["rest"]
    if verb in AUXILIARY and not (verb in {"have", "has", "had"} and not _perfect(rest)):
        return f"{_capital(verb)} {who} {adverb}{rest.strip()}?".replace("  ", " ")
    if verb == "am":
        return f"Am {who} {adverb}{rest.strip()}?"
    if verb in {"want", "wants"} and who == "you":
        return f"Would you {adverb}like{rest}?"
    if who in {"you", "we", "I"}:
        return f"May I ask whether {clause}?" if _past(verb) else f"Do {who} {adverb}{verb}{rest}?"
    if verb.endswith("s") and not verb.endswith("ss") and who in {"it", "this", "that"}:
        suits = " you" if verb == "suits" and not rest else ""
        return f"Does {who} {adverb}{_base(verb)}{rest}{suits}?"
    return f"May I ask whether {clause}?"


def _perfect(rest: str) -> bool:
    return (
        re.match(r"\s*(?:\w+ly |ever |already |also )?(?:\w+ed|been|had|seen|done|got)\b", rest)
        is not None
    )


def _past(verb: str) -> bool:
    return verb in _PAST or (verb.endswith("ed") and verb != "need")


def _base(verb: str) -> str:
    irregular = {"has": "have", "does": "do", "goes": "go"}
    if verb in irregular:
        return irregular[verb]
    return verb[:-2] if verb.endswith(("shes", "ches", "sses", "xes")) else verb[:-1]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
