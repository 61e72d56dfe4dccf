"""Turns the name of a field into the question that asks for it."""

from collections.abc import Sequence

UNCOUNTED = frozenset(
    (
        *("insurance", "help", "information", "service", "advice", "support", "access"),
        *("furniture", "water", "power", "interest", "experience", "coverage"),
    )
)
HAVE = frozenset({"has", "have"})
WANT = frozenset({"want", "wants"})
NEED = frozenset({"need", "needs"})
MODAL = frozenset({"can", "should", "will", "do"})
COUNTS = frozenset(
    ("number", "count", "quantity", "rooms", "bedrooms", "bathrooms", "people", "guests")
)
PERSONS = ("er", "or", "ist", "tenant", "student", "veteran", "resident")


def field_question(words: Sequence[str]) -> tuple[str, str]:
    """What is asked for a field whose name is these words, and the kind of its value.

    The kinds are ``truth``, ``count`` and ``text``.
    """
    if not words:
        return "Is there anything that I should note?", "text"
    first, rest = words[0], " ".join(words[1:])
    truth = _truth(first, rest) if rest else None
    if truth is not None:
        return truth, "truth"
    if words[-1] == "age":
        return f"How old is the {' '.join(words[:-1]) or 'house'}?", "count"
    if COUNTS.intersection(words):
        return f"How many {_counted(words)} are there?", "count"
    return f"What should I put down for {' '.join(words)}?", "text"


def _truth(first: str, rest: str) -> str | None:
    if first in HAVE:
        return f"Do you have {_any(rest)}?"
    if first in WANT:
        return f"Would you like {_a(rest)}?"
    if first in NEED:
        return f"Do you need {_any(rest)}?"
    if first in {"owns", "own"}:
        return f"Do you own {_a(rest)}?"
    if first == "is":
        return f"Are you {_a(rest)}?" if rest.endswith(PERSONS) else f"Is it {rest}?"
    if first in MODAL:
        return f"{first.capitalize()} you {rest}?"
    return f"Does it {rest}?" if first == "does" else None


def _counted(words: Sequence[str]) -> str:
    what = [word for word in words if word not in {"number", "count", "quantity", "of", "the"}]
    return " ".join(what) or "pieces"


def _any(what: str) -> str:
    return f"any {what}" if what.endswith("s") or what in UNCOUNTED else _a(what)


def _a(what: str) -> str:
    if (
        what.endswith(("s", "ing"))
        or what.rsplit(maxsplit=1)[-1] in UNCOUNTED
        or what.startswith("to ")
    ):
        return what
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"
