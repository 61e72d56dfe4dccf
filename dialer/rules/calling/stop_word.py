"""A word from the CRM that ends a lead: won, lost, or do not call."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dialer.rules.lead import LeadState


class StopWord(StrEnum):
    """Why whoever sent a lead wants no more calls to it."""

    WON = "won"
    LOST = "lost"
    DO_NOT_CALL = "do_not_call"

    @property
    def reason(self) -> str:
        """What the finished lead keeps as its reason."""
        return f"crm_{self.value}"

    @property
    def bucket(self) -> LeadState:
        """Where the lead ends."""
        return LeadState.SUPPRESSED if self is StopWord.DO_NOT_CALL else LeadState.DONE


_WORDS: Mapping[StopWord, tuple[str, ...]] = MappingProxyType(
    {
        StopWord.WON: ("won", "closedwon", "dealwon", "converted", "sold"),
        StopWord.LOST: (
            *("lost", "closedlost", "deallost", "disqualified", "unqualified"),
            *("notqualified", "notinterested", "junk"),
        ),
        StopWord.DO_NOT_CALL: (
            *("donotcall", "dnc", "donotcontact", "donotphone", "dontcall", "nocalls"),
            *("unsubscribed", "unsubscribe", "optedout", "optout"),
        ),
    }
)
_KNOWN: Mapping[str, StopWord] = MappingProxyType(
    {spelling: word for word, spellings in _WORDS.items() for spelling in spellings}
)


def read(value: object, *, path: str = "") -> StopWord | None:
    """Read what a CRM says as a word; None where it says nothing of the kind.

    Case, blanks and punctuation don't matter: `Closed Won`, `closed-won` and `closedwon` are one.

    Args:
        value: What the payload holds. `true` counts where the field's own name is a word, such
            as a box that is called Do Not Call.
        path: Where in the payload it stood.
    """
    if value is True:
        return _KNOWN.get(_letters(path.rpartition(".")[2]))
    return _KNOWN.get(_letters(value)) if isinstance(value, str) else None


def _letters(text: str) -> str:
    # The longest spelling is far shorter: a text of a megabyte is no word.
    return "".join(c for c in text[:100].lower() if c.isalnum())
