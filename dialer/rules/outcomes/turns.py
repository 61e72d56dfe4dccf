"""Who said what in a transcript: its turns by speaker, and their words as phrases are compared.

Transcripts are lines of `Speaker: words` (`Agent`, `Customer` and `Voicemail` here; other
platforms write `AI`, `User` and so on); a line without a speaker goes on with the last one's.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

READ = 20_000
"""So many characters are read of a transcript's start, and so many of its end."""


class Speaker(StrEnum):
    """Whose turn it is; `unsure` where the label is a name, a number or missing."""

    AGENT = "agent"
    PERSON = "person"
    MACHINE = "machine"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said at a stretch."""

    speaker: Speaker
    text: str


_LABELS = {
    **dict.fromkeys(
        (
            *("agent", "ai", "ai agent", "assistant", "bot", "virtual assistant", "operator"),
            *("representative", "rep", "system", "voice agent", "agente", "asistente"),
        ),
        Speaker.AGENT,
    ),
    **dict.fromkeys(
        (
            *("customer", "user", "caller", "callee", "human", "client", "person", "lead"),
            *("called person", "prospect", "consumer", "cliente", "usuario", "persona"),
        ),
        Speaker.PERSON,
    ),
    **dict.fromkeys(
        ("voicemail", "voice mail", "machine", "answering machine", "ivr", "recording", "buzon"),
        Speaker.MACHINE,
    ),
}
_WITHIN = re.compile(rf"\s(?=(?:{'|'.join(label.capitalize() for label in _LABELS)}|AI):\s)")
_LINE = re.compile(
    r"[\W\d_]{0,30}([^\W\d_](?:[\w .'\-]{0,39}[\w.])?)[*\]) ]{0,4}:(?!\d)(.*)", re.DOTALL
)
_NAME_WORDS = 3

_APOSTROPHE = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_HESITATION = re.compile(r"[,\s]\s?(?:uh|um|uhm|er|erm|hm+|eh|este|ah|oh)\s?,")
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
_BREAK = re.compile(r"[^\w\s]+")
_FILLERS = frozenset(
    (
        *("uh", "um", "uhm", "er", "erm", "hm", "hmm", "please", "just", "really", "kindly"),
        *("ever", "already", "actually", "literally", "freaking", "fucking", "goddamn", "damn"),
        *("bloody", "porfavor", "porfa", "ya", "eh"),
    )
)


def turns_of(transcript: str | None) -> tuple[Turn, ...]:
    """Read a transcript; of one longer than 40,000 characters its start and its end.

    Where no line is labelled as the person's, nobody knows whose the unlabelled lines are:
    they keep the speaker `unsure`.
    """
    text = transcript or ""
    if len(text) <= 2 * READ:
        return tuple(_turns(text))
    return (*_turns(text[:READ]), *_turns(text[-READ:]))


def persons(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    """What the called person said; without any line of theirs, what may be theirs."""
    said = tuple(turn.text for turn in turns if turn.speaker is Speaker.PERSON)
    return said or tuple(turn.text for turn in turns if turn.speaker is Speaker.UNSURE)


def clauses(text: str) -> Iterator[str]:
    """The text between its punctuation, without case, accents, apostrophes and filler words."""
    plain = _HYPHEN.sub(" ", _HESITATION.sub(" ", _APOSTROPHE.sub("", _folded(text))))
    for part in _BREAK.split(plain.replace("por favor", " ")):
        words = [word for word in part.split() if word not in _FILLERS]
        if words:
            yield " ".join(words)


def _turns(text: str) -> Iterator[Turn]:
    speaker = Speaker.UNSURE
    for line in _WITHIN.sub("\n", text).splitlines():
        label, said = _labelled(line)
        speaker = label or speaker
        if said.strip():
            yield Turn(speaker, said.strip())


def _labelled(line: str) -> tuple[Speaker | None, str]:
    found = _LINE.match(line)
    if found is None:
        return None, line
    label = found[1].strip()
    known = _LABELS.get(label.casefold())
    if known is None and not _is_name(label):
        return None, line
    return known or Speaker.UNSURE, found[2].lstrip("* ")


def _is_name(label: str) -> bool:
    words = label.split()
    return len(words) <= _NAME_WORDS and all(word[0].isupper() or word.isdigit() for word in words)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)[: 2 * READ]
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
