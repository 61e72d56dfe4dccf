"""Makes foreign text fit to be spoken: one line, printable, short; names, contexts, documents."""

import re

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
ELLIPSIS = "…"
LOOKED_AT = 4
"""How many times the wanted length is read, so that a huge text costs no more than a small one."""


def clean(text: str | None, limit: int) -> str:
    """The text on one line, without control or format characters, at most ``limit`` long.

    What is cut is cut at a blank where there is one, and marked with an ellipsis.
    """
    head = (text or "")[: limit * LOOKED_AT]
    line = " ".join(head.split())
    if not line.isprintable():
        shown = (sign for sign in line if sign.isprintable())
        line = " ".join("".join(shown).split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + ELLIPSIS


def sentences(text: str, *, limit: int, most: int, shortest: int = 1) -> tuple[str, ...]:
    """The first sentences of a text, cleaned; a line of its own counts as one.

    Args:
        text: Any text; only as much is read as may be needed.
        limit: The most characters of a sentence.
        most: The most sentences.
        shortest: Sentences with fewer characters are left out: headings, bullets.
    """
    found: list[str] = []
    for line in text[: limit * most * LOOKED_AT].splitlines():
        for sentence in SENTENCE_END.split(line.strip(" \t#*->|")):
            shown = clean(sentence, limit)
            if len(shown) >= shortest:
                found.append(shown)
            if len(found) == most:
                return tuple(found)
    return tuple(found)


def decapitalized(text: str) -> str:
    """The text with a small first letter, unless its first word is an ``I`` or an acronym."""
    if len(text) < 2 or text[1].isupper() or text.partition(" ")[0] in {"I", "I'm", "I'd"}:  # noqa: PLR2004 -- one letter and the one after it
        return text
    return text[0].lower() + text[1:]


def finished(text: str) -> str:
    """The text with a full stop, where it has no end of its own."""
    return text if text.endswith((".", "!", "?", ELLIPSIS)) else f"{text}."
