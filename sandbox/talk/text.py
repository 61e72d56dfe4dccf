"""Makes foreign text fit to be spoken: one line, printable, short; names, contexts, documents."""

from collections.abc import Iterator

from sandbox.agents.prose import sentences_of

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


def quotable(text: str, *, limit: int, most: int, shortest: int = 1) -> tuple[str, ...]:
    """The first sentences of a document that can be said as they are, cleaned.

    Wrapped lines are joined, titles left out; a row of a table with two columns becomes a
    sentence: ``| Visit | $89 |`` makes *Visit is $89.*

    Args:
        text: Any text; only as much is read as may be needed.
        limit: The most characters of a sentence; longer ones are left out.
        most: The most sentences.
        shortest: Sentences with fewer characters are left out.
    """
    found: list[str] = []
    for sentence in _said(text[: limit * most * LOOKED_AT]):
        shown = clean(sentence, limit)
        if len(shown) >= shortest and not shown.endswith(ELLIPSIS):
            found.append(shown)
        if len(found) == most:
            break
    return tuple(found)


def whole(text: str | None) -> str:
    """The text as a sentence: a capital first, an end last; empty for one without words."""
    said = (text or "").strip().rstrip(" ,;:-\u2013(" + ELLIPSIS)
    if not said:
        return ""
    ended = said.rstrip("\"'\u201d\u2019)").endswith((".", "!", "?"))
    return said[0].upper() + said[1:] + ("" if ended else ".")


def _said(text: str) -> Iterator[str]:
    rows: list[str] = []
    plain: list[str] = []
    for line in text.splitlines():
        (rows if line.lstrip().startswith("|") else plain).append(line)
    for sentence in sentences_of("\n".join(plain)):
        if sentence[-1:] in ".!?" and sentence[:1].isupper():
            yield sentence
    yield from filter(None, map(_row, rows))


def _row(line: str) -> str:
    cells = [cell.strip(" *_`") for cell in line.strip().strip("|").split("|")]
    if len(cells) != 2 or not any(map(str.isdigit, cells[1])) or not cells[0]:  # noqa: PLR2004 -- what, and how much
        return ""
    return whole(f"{cells[0]} is {cells[1]}")
