"""Turns a call's context, which tells an agent why it calls, into what it tells the person."""

import re

from sandbox.talk.person import spoken_to
from sandbox.talk.text import whole

PLAIN = re.compile(r"you are calling on behalf of\b", re.IGNORECASE)
"""How a context begins that the platform made for want of another: nothing to quote."""

THEIR_WORDS = re.compile(
    r"\s*\b(?:they|she|he|the (?:lead|customer|caller|person)) (?:wrote|said|told us|asked)\b"
    r"[:,]?\s*[\"“]?(?P<words>[^\"”]*)[\"”]?.*",
    re.IGNORECASE,
)
ORDERS = re.compile(
    r"(?:please )?(?:call|contact|ring|phone|follow up|reach out|get back|speak|talk|remind|ask"
    r"|tell|you are|you're|check|confirm|offer|find out)\b",
    re.IGNORECASE,
)
MATTER = re.compile(r"\b(?:about|regarding|concerning)\b:?\s+(?P<matter>[^.!?]+)", re.IGNORECASE)


DETERMINED = re.compile(r"(?:the|your|our|an?|some)\b", re.IGNORECASE)
LEAST_WORDS = 3


def written(context: str) -> str:
    """What the person wrote, as far as a context tells it; empty where it doesn't."""
    if not context or PLAIN.match(context):
        return ""
    theirs = THEIR_WORDS.search(context)
    if theirs:
        return whole(theirs["words"])
    plain = not ORDERS.match(context) and len(context.split()) >= LEAST_WORDS
    return whole(context) if plain else ""


def purpose_of(context: str) -> str:
    """What the agent says of a context, with a blank after it; empty where nothing can be said."""
    if not context or PLAIN.match(context):
        return ""
    theirs = THEIR_WORDS.search(context)
    order = context[: theirs.start()] if theirs else context
    told = _matter(order) if ORDERS.match(order) else _quoted(order)
    if theirs and theirs["words"].strip():
        told += f"You wrote: {whole(theirs['words'])} "
    return told


def _matter(order: str) -> str:
    matter = MATTER.search(order)
    if matter is None:
        return ""
    about = spoken_to(matter["matter"]).strip()
    return f"I am calling about {'' if DETERMINED.match(about) else 'your request: '}{about}. "


def _quoted(order: str) -> str:
    said = whole(order)
    return f"I am calling about this: {said} " if said else ""
