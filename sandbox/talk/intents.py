"""Decides what an edge's condition is about, from its words: nobody else tells us."""

import re
from collections.abc import Mapping
from enum import StrEnum

from sandbox.agents.prose import straightened


class Intent(StrEnum):
    """What a condition asks for."""

    ALWAYS = "always"
    APPOINTMENT = "appointment"
    TRANSFER = "transfer"
    URGENT = "urgent"
    QUESTION = "question"
    INTEREST = "interest"
    REFUSAL = "refusal"
    LATER = "later"
    STOP = "stop"
    WRONG = "wrong"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})", re.IGNORECASE)


NEUTRAL = re.compile(
    r"\s*(?:(?:always|then|next|otherwise|else|default|continue|in any case|finally|done)\b.{0,3}"
    r"|(?:if )?(?:it is |it's |in )?(?:anything|everything|something|all) (?:else|other)\b.*"
    r"|(?:if )?(?:it is )?(?:no|not|not an) (?:emergency|urgent)\w*"
    r"|(?:after|once|when (?:done|finished|booked|transferred|scheduled))\b.*|\s*$)",
    re.IGNORECASE | re.DOTALL,
)
URGENT = _words(
    r"urgent|emergenc|gas\b|flood|burst|smoke|sparks|danger|can'?t be shut|(?:severe|acute) pain"
    r"|in pain|accident|broken down|locked out|life"
)
CALM = _words(r"(?:not?|isn't|without) (?:an? |any |really )?(?:urgent|emergenc)")
FIRST: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (Intent.WRONG, _words(r"wrong (?:person|number)|not the (?:right )?person|someone else")),
    (
        Intent.STOP,
        _words(
            r"do[ -]?not[ -](?:call|contact)|don't (?:call|contact)|not (?:to )?be called|dnc\b"
            r"|stop (?:calling|contact)|remove|opt(?:s|ed)?[ -]?out|unsubscrib"
            r"|off (?:the|your) list"
        ),
    ),
    (
        Intent.LATER,
        _words(
            r"busy|later|call(?:s|ed|ing)? (?:\w+ )?back|callback|another (?:time|day)"
            r"|(?:not a good|bad) (?:time|moment)|no time"
        ),
    ),
    (Intent.REFUSAL, _words(r"not?\b|never|declin|refus|reject|unwilling|\w+n't\b|nothing")),
)
"""The first that fits decides: a refusal of an appointment is no wish for one."""

SPECIFIC: Mapping[Intent, re.Pattern[str]] = {
    Intent.APPOINTMENT: _words(r"schedul|re-?schedul|appointment|book|visit|slot|calendar"),
    Intent.TRANSFER: _words(
        r"transfer|human|(?:real|a) person|representative|support|dispatch|operator|somebody"
        r"|manager|colleague|escalat|(?:speak|talk)(?:ing)? (?:to|with)|connect"
    ),
    Intent.QUESTION: _words(r"question|ask|information|price|pricing|cost|how much|faq|curious"),
}
INTEREST = _words(
    r"interest|agree|yes\b|(?:if )?(?:so|it does|they do|they are|it is)$|want"
    r"|would like|accept|positive|confirm|help|need|ready"
)


def intents_of(condition: str) -> frozenset[Intent]:
    """What a condition is about; empty where its words tell nothing."""
    condition = straightened(condition)
    if NEUTRAL.fullmatch(condition):
        return frozenset({Intent.ALWAYS})
    if URGENT.search(condition) and not CALM.search(condition):
        return frozenset({Intent.URGENT})
    for intent, words in FIRST:
        if words.search(condition):
            return frozenset({intent})
    found = frozenset(intent for intent, words in SPECIFIC.items() if words.search(condition))
    if not found and INTEREST.search(condition):
        return frozenset({Intent.INTEREST})
    return found
