"""Why a lead is not called now: each gate with its verdict, and when the phone may ring.

The same rules that the gates apply, asked one by one: what is shown here is what holds there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dialer.rules.calling.caps import Caps, full
from dialer.rules.calling.gate import LeadFacts
from dialer.rules.calling.window import CallingRules, Closed, window

Gate = Literal[
    "lead",
    "organization",
    "business",
    "agent",
    "campaign",
    "spending",
    "rules",
    "suppression",
    "registry",
    "expiry",
    "not_before",
    "consent",
    "number",
    "calling_hours",
    "due",
    "pace",
]
"""What can keep a phone from ringing, in the order in which it is asked."""

SAYS = {
    "outside_calling_hours": "It is outside the hours that law and campaign allow there.",
    "holiday": "It is a holiday there, on which nobody is called.",
    "closed_date": "The campaign calls nobody on this date.",
    "state_paused": "Calls into a state that the person may be in are paused.",
    "no_common_window": "No hour is allowed in every place that the person may be in.",
    "campaign_not_started": "The campaign's start has not come.",
    "campaign_ended": "The campaign ends before the next hour that is allowed.",
    "number_gap": "The number rang a short while ago.",
    "number_cap_24h": "The number rang as often as is allowed within 24 hours.",
    "number_cap_7d": "The number rang as often as is allowed within seven days.",
}
"""Reasons of closed gates in a sentence each."""

_TURNS = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate says.

    Attributes:
        gate: Which.
        open: Whether it lets the lead pass now.
        says: In a sentence.
        why: The reason's name where it is shut.
        until: When it opens by itself; None when it is open, or when that can't be foreseen.
    """

    gate: Gate
    open: bool
    says: str
    why: str | None = None
    until: datetime | None = None


def verdicts(lead: LeadFacts, rules: CallingRules, now: datetime) -> Iterator[Verdict]:
    """What each gate of the claim says of a lead, in its order."""
    if lead.stop_word is not None:
        says = f"Whoever sent the lead has said since: {lead.stop_word.value.replace('_', ' ')}."
        yield _shut("lead", says, lead.stop_word.reason)
    if lead.suppressed:
        yield _shut("suppression", "The number is on the do-not-call list.", "suppressed")
    else:
        yield Verdict("suppression", open=True, says="The number is on no do-not-call list.")
    yield _registry(lead)
    yield _expiry(lead, now)
    yield _not_before(lead, now)
    if lead.agreed:
        yield Verdict(
            "consent", open=True, says="The campaign needs no more consent of this lead."
        )
    else:
        yield _shut("consent", "The campaign needs consent, and none is on record.", "no_consent")
    yield _number(lead, now)
    yield _hours(lead, rules, now)


def next_instant(
    lead: LeadFacts, rules: CallingRules, now: datetime, *, due_at: datetime
) -> datetime | None:
    """The first instant at which every gate that time alone opens is open.

    Returns:
        None when there is none to be foreseen: stopped, suppressed or listed, expired by then,
        without consent, without a copy of the registry, or without a window.
    """
    at = max(now, due_at, lead.not_before or now)
    for _ in range(_TURNS):
        later = _later(lead, rules, at)
        if later is None or (lead.expires_at and later >= lead.expires_at):
            return None
        if later == at:
            barred = lead.stop_word or lead.suppressed or lead.dnc_listed or lead.dnc_stale
            return None if barred or not lead.agreed else at
        at = later
    return None


def _later(lead: LeadFacts, rules: CallingRules, at: datetime) -> datetime | None:
    often = full(lead.caps, lead.rings, at)
    if often is not None:
        return often.until
    found = window(rules, lead.profile, at)
    return found.opens if isinstance(found, Closed) else at


def _registry(lead: LeadFacts) -> Verdict:
    if lead.dnc_listed:
        return _shut("registry", "The do-not-call registry lists the number.", "dnc_listed")
    if lead.dnc_stale:
        says = "The copy of the do-not-call registry is too old, or was not declared: load one."
        return _shut("registry", says, "dnc_stale")
    return Verdict("registry", open=True, says="The do-not-call registry does not bar it.")


def _expiry(lead: LeadFacts, now: datetime) -> Verdict:
    if lead.expires_at and lead.expires_at <= now:
        return _shut("expiry", "The lead has expired.", "expired")
    return Verdict("expiry", open=True, says="The lead has not expired.")


def _not_before(lead: LeadFacts, now: datetime) -> Verdict:
    if lead.not_before and lead.not_before > now:
        says = "Whoever sent the lead wants no call before then."
        return _shut("not_before", says, "not_before", lead.not_before)
    return Verdict("not_before", open=True, says="No earliest date holds it back.")


def _number(lead: LeadFacts, now: datetime) -> Verdict:
    if lead.number_in_call:
        return _shut("number", "Another call to the number is not over.", "number_in_call")
    often = full(lead.caps, lead.rings, now)
    if often is not None:
        return _shut("number", SAYS[often.why], often.why, often.until)
    return Verdict("number", open=True, says=f"The number may ring: {_caps(lead.caps)}.")


def _hours(lead: LeadFacts, rules: CallingRules, now: datetime) -> Verdict:
    if rules.ends_at is not None and rules.ends_at <= now:
        return _shut("calling_hours", "The campaign's end has come.", "campaign_ended")
    found = window(rules, lead.profile, now)
    where = f"{', '.join(lead.profile.zones)}; {', '.join(lead.profile.states)}"
    if isinstance(found, Closed):
        return _shut("calling_hours", f"{SAYS[found.why]} ({where})", found.why, found.opens)
    return Verdict("calling_hours", open=True, says=f"It may be called now. ({where})")


def _caps(caps: Caps) -> str:
    told = [
        f"at most {most} times in {span}"
        for most, span in ((caps.in_24h, "24 hours"), (caps.in_7d, "seven days"))
        if most is not None
    ]
    return " and ".join(told) or "no cap binds it"


def _shut(gate: Gate, says: str, why: str, until: datetime | None = None) -> Verdict:
    return Verdict(gate, open=False, says=says, why=why, until=until)
