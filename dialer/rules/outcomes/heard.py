"""What can be heard in a transcript: an opt-out, a wrong number, an answering machine.

Only the called person's turns count. A phrase asks for calls to end altogether; one that asks
for another time ("don't call before five") or is somebody else's story ("they won't stop
calling me") isn't one. In doubt, what was said is taken as the wish not to be called: 47 CFR
64.1200(a)(10) has consumers revoke consent "in any reasonable manner".
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dialer.rules.outcomes.english import OPT_OUTS as ENGLISH_OPT_OUTS
from dialer.rules.outcomes.english import WRONG_NUMBERS as ENGLISH_WRONG_NUMBERS
from dialer.rules.outcomes.machines import GREETINGS
from dialer.rules.outcomes.phrases import Phrase, phrase
from dialer.rules.outcomes.spanish import OPT_OUTS as SPANISH_OPT_OUTS
from dialer.rules.outcomes.spanish import WRONG_NUMBERS as SPANISH_WRONG_NUMBERS
from dialer.rules.outcomes.turns import Speaker, Turn, clauses, persons

_OPT_OUTS = (*ENGLISH_OPT_OUTS, *SPANISH_OPT_OUTS)
_WRONG_NUMBERS = (*ENGLISH_WRONG_NUMBERS, *SPANISH_WRONG_NUMBERS)

_OFFER = phrase(
    r"\b(?:take|remove|removing) (?:you|your (?:\w+ )?number)(?: \w+){0,3} (?:off|from)\b"
    r"|\bstop calling you\b|\b(?:do not|dont|no) call list\b"
    r"|\bnot (?:call|contact) you (?:again|any ?more)\b"
)
_ALTERNATIVE = re.compile(r"\bor\b")
_YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|absolutely|definitely|do that|i would)\b"
    r"|si(?: (?:claro|quiero|gracias|hagalo|senor\w*))?$"
)

_GREETS_WITHIN = 2
_MACHINE_TURNS = 3
"""A machine speaks once or twice; whoever answers more often is a person."""


def opt_out(turns: tuple[Turn, ...]) -> str | None:
    """The words in which the called person asked not to be called again, None if they didn't."""
    return _first(_OPT_OUTS, persons(turns)) or next(_assents(turns), None)


def wrong_number(turns: tuple[Turn, ...]) -> str | None:
    """The words that say that the number isn't the lead's, None if nobody said so."""
    return _first(_WRONG_NUMBERS, persons(turns))


def machine(turns: tuple[Turn, ...]) -> str | None:
    """The words by which an answering machine gave itself away, None if a person may have spoken.

    A person who spoke of voicemail in a longer conversation isn't one.
    """
    others = [turn for turn in turns if turn.speaker is not Speaker.AGENT]
    if any(turn.speaker is Speaker.MACHINE for turn in others) and not any(
        turn.speaker is Speaker.PERSON for turn in others
    ):
        return others[0].text[:200]
    if len(others) > _MACHINE_TURNS:
        return None
    return _first(GREETINGS, [turn.text for turn in others[:_GREETS_WITHIN]])


def spoke(turns: tuple[Turn, ...]) -> bool:
    """Whether the called person said a word."""
    return any(True for text in persons(turns) for _ in clauses(text))


def _assents(turns: tuple[Turn, ...]) -> Iterator[str]:
    # "Shall I take you off our list?" "Yes": asked for as much as if it was said.
    for asked, answer in pairwise(turns):
        question = asked.text.rstrip()
        if (asked.speaker, answer.speaker) != (Speaker.AGENT, Speaker.PERSON):
            continue
        last = re.split(r"[.!?]", question[:-1])[-1] if question.endswith("?") else ""
        agreed = _YES.match(next(clauses(answer.text), ""))
        if agreed and not _ALTERNATIVE.search(last) and _first((_OFFER,), (last,)):
            yield f"{last.strip()[:150]}? {answer.text[:40]}"


def _first(phrases: Sequence[Phrase], texts: Sequence[str]) -> str | None:
    heard = (found for text in texts for found in _found(phrases, text))
    return next(heard, None)


def _found(phrases: Sequence[Phrase], text: str) -> Iterator[str]:
    for clause in clauses(text):
        for listened in phrases:
            words = listened.heard_in(clause)
            if words is not None:
                yield words
