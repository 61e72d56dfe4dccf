"""A phrase that is listened for, and what beside it gives it another meaning."""

import re
from dataclasses import dataclass

_BESIDE = 100
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean something unless others stand right before or after them.

    All patterns have bounded repetitions only, so that hostile text costs linear time.
    """

    says: re.Pattern[str]
    unless_before: re.Pattern[str] | None = None
    unless_after: re.Pattern[str] | None = None

    def heard_in(self, clause: str) -> str | None:
        """The words with a little around them, None if the clause doesn't say it."""
        for match in self.says.finditer(clause):
            before = clause[max(0, match.start() - _BESIDE) : match.start()]
            after = clause[match.end() : match.end() + _BESIDE]
            if self.unless_before and self.unless_before.search(before):
                continue
            if self.unless_after and self.unless_after.match(after):
                continue
            start = max(0, match.start() - _SHOWN // 4)
            return clause[start : start + _SHOWN]
        return None


def phrase(says: str, *, before: str | None = None, after: str | None = None) -> Phrase:
    """Build a phrase: `before` must end where the words begin, `after` begins where they end."""
    return Phrase(
        re.compile(says),
        re.compile(rf"(?:{before})$") if before else None,
        re.compile(after) if after else None,
    )
