"""Which of an organization's leads a segment means; read anew whenever it is used."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from uuid import UUID

from dialer.rules.lead import LeadState
from dialer.rules.members import Members, quoted
from dialer.rules.outcomes.outcome import OPTED_OUT, OUTCOMES
from dialer.rules.where.area_codes import AREA_CODES
from dialer.rules.where.states import STATES

FINISHED_BY_CALLING = (LeadState.DONE.value, LeadState.EXPIRED.value)
"""What a segment means that names no states: a lead that is still being called elsewhere would
be called by two campaigns, and nobody calls those again who were suppressed or cancelled."""

MAX_IDS = 100
MAX_ATTRIBUTES = 10
MAX_ATTRIBUTE_NAME = 64
MAX_ATTRIBUTE = 1_000
MAX_ATTEMPTS = 1_000
MAX_DAYS = 3_650

_WHOLE = 2**63
_STATES = tuple(state.value for state in LeadState)
_FAULTY = "the filter can't be so"
_NEVER = "nobody is called again who asked not to be"
_OF_A_REDIAL = ("campaign_ids", "states", "last_outcomes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A choice among leads; each part narrows it, an empty one doesn't.

    Attributes:
        campaign_ids: Leads of one of these campaigns.
        source_ids: Leads that came through one of these sources.
        states: The buckets they are in.
        last_outcomes: How their last call ended.
        us_states: Two-letter codes: by the lead's address, else by its area code.
        attributes: Names and the values that they must have, of the same kind: 5 is not "5".
        attempts_min: Calls that counted, at least.
        attempts_max: Calls that counted, at most.
        not_called_for_days: No phone of theirs rang in the last days, for any campaign.
        created_within_days: Taken in within the last days.
    """

    campaign_ids: tuple[UUID, ...] = ()
    source_ids: tuple[UUID, ...] = ()
    states: tuple[str, ...] = FINISHED_BY_CALLING
    last_outcomes: tuple[str, ...] = ()
    us_states: tuple[str, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    attempts_min: int | None = None
    attempts_max: int | None = None
    not_called_for_days: int | None = None
    created_within_days: int | None = None

    @classmethod
    def parse(cls, given: Mapping[str, object], *, pointer: str = "/filter") -> "Segment":
        """Read a filter as stored or sent.

        Raises:
            InvalidInputError: naming each member that can't be, with a suggestion where one is
                near.
        """
        of = Members(given, pointer=pointer, known=FIELDS)
        read = cls(
            campaign_ids=of.ids("campaign_ids", MAX_IDS),
            source_ids=of.ids("source_ids", MAX_IDS),
            states=of.choices("states", _STATES) or FINISHED_BY_CALLING,
            last_outcomes=of.choices("last_outcomes", sorted(OUTCOMES)),
            us_states=of.choices("us_states", sorted(STATES)),
            attributes=_attributes(of),
            attempts_min=of.whole("attempts_min", 0, MAX_ATTEMPTS),
            attempts_max=of.whole("attempts_max", 0, MAX_ATTEMPTS),
            not_called_for_days=of.whole("not_called_for_days", 1, MAX_DAYS),
            created_within_days=of.whole("created_within_days", 1, MAX_DAYS),
        )
        _check(of, read)
        of.check(_FAULTY)
        return read

    def as_dict(self) -> dict[str, object]:
        """The filter as JSON members, without those that narrow nothing."""
        shown: dict[str, object] = {name: getattr(self, name) for name in FIELDS}
        shown |= {name: [str(one) for one in getattr(self, name)] for name in _LISTS}
        shown["attributes"] = dict(self.attributes)
        return {name: value for name, value in shown.items() if value not in (None, [], {})}

    @property
    def area_codes(self) -> tuple[str, ...]:
        """The area codes whose numbers may be in `us_states`."""
        asked = set(self.us_states)
        return tuple(code for code, area in AREA_CODES.items() if asked & set(area.states))


def for_redial(
    *, campaign_id: UUID, outcomes: Sequence[str], narrowed: Mapping[str, object]
) -> Segment:
    """The finished leads of a campaign whose last call ended so, narrowed by a filter.

    Raises:
        InvalidInputError: naming what can't be of `/outcomes` and `/filter`.
    """
    of = Members({"outcomes": list(outcomes)}, pointer="", known=("outcomes",))
    chosen = of.choices("outcomes", sorted(OUTCOMES))
    if not outcomes:
        of.fault("outcomes", "required", "name at least one outcome, such as no_answer")
    if OPTED_OUT in chosen:
        of.fault("outcomes", "never_called_again", _NEVER)
    for name in (name for name in _OF_A_REDIAL if name in narrowed):
        told = f"a redial takes the finished leads of its campaign; leave {name} out"
        of.fault(f"filter/{name}", "not_here", told)
    of.check(_FAULTY)
    segment = Segment.parse(narrowed)
    return replace(
        segment,
        campaign_ids=(campaign_id,),
        states=(LeadState.DONE.value,),
        last_outcomes=chosen,
    )


FIELDS = tuple(one.name for one in fields(Segment))
_LISTS = ("campaign_ids", "source_ids", "states", "last_outcomes", "us_states")


def _attributes(of: Members) -> Mapping[str, object]:
    given = of.get("attributes")
    if given is None:
        return {}
    if not isinstance(given, Mapping) or len(given) > MAX_ATTRIBUTES:
        told = f"this must be an object of at most {MAX_ATTRIBUTES} names and values"
        of.fault("attributes", "invalid", told)
        return {}
    for name, value in given.items():
        if not 0 < len(str(name)) <= MAX_ATTRIBUTE_NAME:
            told = f"{quoted(name)}: a name has 1 to {MAX_ATTRIBUTE_NAME} characters"
            of.fault("attributes", "invalid", told)
        if not _is_plain(value):
            told = f"compare {quoted(name)} with a text, a number, true or false"
            of.fault("attributes", "invalid", told)
    return MappingProxyType({str(name): value for name, value in given.items()})


def _is_plain(value: object) -> bool:
    match value:
        case str():
            return len(value) <= MAX_ATTRIBUTE
        case int():
            return abs(value) < _WHOLE
        case float():
            return math.isfinite(value)
        case _:
            return False


def _check(of: Members, read: Segment) -> None:
    if OPTED_OUT in read.last_outcomes:
        of.fault("last_outcomes", "never_called_again", _NEVER)
    least, most = read.attempts_min, read.attempts_max
    if least is not None and most is not None and most < least:
        of.fault("attempts_max", "max_below_min", f"at most {most} is below at least {least}")
