"""Decides which destinations a text means: those whose name and description share its words."""

import re
from collections.abc import Sequence

from sandbox.talk.brief import Destination

WORD = re.compile(r"[a-z]{3,40}")
STEM = 6
"""Words are the same whose first letters are: emergency, emergencies."""

NAMED, DESCRIBED = 3, 1
PLAIN = frozenset(
    (
        *("and", "any", "are", "can", "for", "from", "has", "have", "her", "him", "his", "its"),
        *("not", "one", "our", "out", "say", "she", "that", "the", "their", "them", "they"),
        *("this", "through", "transfer", "want", "wants", "was", "who", "whom", "will", "with"),
        *("you", "your", "such", "call", "caller", "callers", "customer", "line", "lines"),
        *("connect", "putting", "put", "person", "people", "speak", "talk"),
    )
)


def nearest(targets: Sequence[Destination], text: str) -> list[Destination]:
    """The destinations that fit a text best, in their order; none where none fits at all.

    A word of the name counts for three of the description.
    """
    words = _stems(text)
    scores = [
        NAMED * len(words & _stems(target.name))
        + DESCRIBED * len(words & _stems(target.description))
        for target in targets
    ]
    best = max(scores, default=0)
    return [t for t, score in zip(targets, scores, strict=True) if best and score == best]


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in WORD.findall(text.lower()) if word not in PLAIN)
