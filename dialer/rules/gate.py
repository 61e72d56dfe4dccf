"""The gates that a lead passes before its phone may ring, in order, each failing closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.hours import Closed, Open, WeeklyHours, window

NO_COMMON_WINDOW_RETRY = timedelta(hours=24)
NUMBER_BUSY_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allow:
    """The phone may ring, until `until` (exclusive)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Defer:
    """Not now: look again at `until`."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never: the lead is finished, as `why` says (expired or suppressed)."""

    why: str


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What the gates need to know of a lead at one instant."""

    zones: Sequence[str]
    not_before: datetime | None
    expires_at: datetime | None
    suppressed: bool
    number_in_call: bool


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What the gates need to know of a campaign."""

    hours: WeeklyHours
    starts_at: datetime | None
    ends_at: datetime | None


def check(lead: LeadFacts, campaign: CampaignFacts, *, now: datetime) -> Allow | Defer | Refuse:
    """Pass a lead through the gates.

    The order: suppression and expiry refuse; then the earliest date, the campaign's own
    dates, a call to the same number, and the calling window defer.
    """
    if lead.suppressed:
        return Refuse("suppressed")
    if lead.expires_at and lead.expires_at <= now:
        return Refuse("expired")
    if lead.not_before and lead.not_before > now:
        return Defer(lead.not_before, "not_before")
    if campaign.starts_at and campaign.starts_at > now:
        return Defer(campaign.starts_at, "campaign_not_started")
    if campaign.ends_at and campaign.ends_at <= now:
        return Refuse("expired")
    if lead.number_in_call:
        return Defer(now + NUMBER_BUSY_RETRY, "number_in_call")
    return _within_hours(lead, campaign, now)


def _within_hours(lead: LeadFacts, campaign: CampaignFacts, now: datetime) -> Allow | Defer:
    match window(campaign.hours, lead.zones, now):
        case Open(until=until):
            limits = (until, lead.expires_at, campaign.ends_at)
            return Allow(min(limit for limit in limits if limit))
        case Closed(opens=datetime() as opens):
            return Defer(opens, "outside_calling_hours")
        case Closed():
            return Defer(now + NO_COMMON_WINDOW_RETRY, "no_common_window")
