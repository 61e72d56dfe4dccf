"""No organization sees another's rows: every read of the store that takes an organization."""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer import store
from dialer.pipeline.access import keys
from dialer.pipeline.compliance import rulebook, suppress
from dialer.pipeline.intake import hooks
from dialer.pipeline.settling import settle
from dialer.store import events, organizations
from dialer.store.compliance import stops, suppressions
from dialer.store.dialing import agents, pacers
from dialer.store.intake import leads, sources
from dialer.store.planning import campaigns, variants
from dialer.store.reconciling import refusals
from tests.store import rarities
from tests.support.house import NOON, House

MODULES = tuple(
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(store.__path__, "dialer.store.")
    if not found.ispkg
)
PAGE: Mapping[str, Any] = {"after": None, "limit": 10}
YEAR = timedelta(days=365)

WRITES = {
    *("agents.ensure", "agents.set_paused"),
    *("campaigns.create", "campaigns.change", "campaigns.move", "campaigns.lock"),
    *("events.event", "events.keep_evidence"),
    *("history.take_turn", "history.note", "history.rest", "history.missed"),
    *("history.keep_log", "history.distrust_order"),
    *("refusals.take_turn", "refusals.disbelieve", "refusals.believe"),
    *("witness.lift", "witness.note_look", "leads.release_mistaken", "leads.reconsider"),
    *("organizations.set_partner", "organizations.park", "organizations.unpark"),
    *("organizations.ensure_business", "organizations.add_key", "organizations.revoke_key"),
    "pacers.set_limits",
    *("probation.room", "probation.open_organization", "probation.widen_organization"),
    *("sources.create", "sources.change", "sources.keep_delivery"),
    *("rulebooks.add", "stops.set_paused"),
    *("sources.begin_once", "sources.end_once"),
    *("suppressions.guard", "suppressions.add", "suppressions.remove"),
    *("suppressions.guard_all", "suppressions.add_all", "suppressions.end_waiting"),
    *("variants.add", "variants.change", "variants.retire", "variants.assign"),
    "variants.free_uncalled",
    *rarities.WRITES,
}
"""What changes rows; each takes the organization in its WHERE or writes it."""


async def _furnish(house: House) -> dict[str, Any]:
    """Put a row of every kind into an organization; its ids by name."""
    org: dict[str, Any] = {"organization_id": house.organization_id}
    await rulebook.change(house.context, edit=rulebook.Edit(limits={"gap_minutes": 1}), **org)
    campaign = await house.campaign()
    call = await house.dialing(campaign, external_id="a1", name="Ada Example")
    await house.run(
        """
        UPDATE calls SET state = 'unknown', answer = 'placed', partner_call_id = 'call_1',
            answered_at = outdial_now() - interval '1 h', started_at = outdial_now(),
            seen_at = outdial_now(), closed_at = outdial_now(), outcome = 'busy',
            ended_at = outdial_now() WHERE id = :id
        """,
        id=call["id"],
    )
    missing = await house.dialing(campaign)
    await house.run(
        """
        UPDATE calls SET state = 'placed', answered_at = outdial_now() - interval '1 h',
            looked_at = outdial_now() WHERE id = :id
        """,
        id=missing["id"],
    )
    ended = await house.dialing(campaign)
    await house.run(
        """
        UPDATE calls SET state = 'ended', outcome = 'completed', duration_ms = 61000,
            partner_status = 'COMPLETED', finished_at = outdial_now() WHERE id = :id
        """,
        id=ended["id"],
    )
    await house.run(
        "UPDATE leads SET state = 'done', last_outcome = 'completed' WHERE id = :id",
        id=ended["lead_id"],
    )
    held_call = await house.dialing(campaign)
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, held_call["id"], fence=1, why="conflict", by="sender")
        await settle.hold(conn, held_call, why="conflict")
    refused = await house.dialing(campaign)
    await house.run(
        """
        UPDATE calls SET state = 'refused', answer = 'bad_request',
            closed_at = outdial_now() - interval '1 h' WHERE id = :id
        """,
        id=refused["id"],
    )
    anew = await rarities.claim_anew(house, campaign)
    await house.lead(campaign["id"], phone="+12125550177")
    await house.run(
        "UPDATE history SET skew_ms = 250 WHERE organization_id = :id", id=house.organization_id
    )
    async with house.context.engine.begin() as conn:
        variant = await variants.add(conn, campaign_id=campaign["id"], values={"name": "A"}, **org)
    await house.run(
        "UPDATE leads SET variant_id = :variant WHERE campaign_id = :campaign",
        variant=variant,
        campaign=campaign["id"],
    )
    await house.run("UPDATE calls SET variant_id = :v WHERE id = :id", v=variant, id=ended["id"])
    async with house.context.engine.begin() as conn:
        await refusals.disbelieve(conn, answer="bad_request", call_id=refused["id"], **org)
        await events.keep_evidence(conn, call_id=call["id"], kind="placed", body={}, **org)
        key = await keys.mint(conn, name="k", scopes=["admin"], **org)
        source_id = await sources.create(
            conn, campaign_id=campaign["id"], name="crm", field_map={}, **org
        )
        assert source_id is not None
        source = await sources.get(conn, source_id=source_id, **org)
        await pacers.set_limits(
            conn,
            level="organization",
            subject_id=house.organization_id,
            calls_per_minute=60,
            concurrency=2,
            **org,
        )
    assert source is not None
    delivered = await hooks.deliver(
        house.context,
        source=source,
        content_type="application/json",
        body=b"{}",
        idempotency_key=None,
    )
    entry = await suppress.suppress(house.context, raw_phone="+12125550199", reason="asked", **org)
    return {
        "phone": call["phone"],
        "waiting": "+12125550177",
        "anew": anew,
        "call_id": call["id"],
        "lead_id": call["lead_id"],
        "held_id": held_call["id"],
        "campaign_id": campaign["id"],
        "agent_id": campaign["agent_id"],
        "business_id": campaign["business_id"],
        "key_id": key.key_id,
        "source_id": source_id,
        "delivery_id": delivered.delivery_id,
        "suppression_id": entry["id"],
        "variant_id": variant,
        **await rarities.furnish(house, campaign),
    }


def _reads(of: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every read by name, with arguments that find something."""
    none = dict.fromkeys(("campaign_id", "lead_id", "state", "outcome"))
    campaign = {"campaign_id": of["campaign_id"]}
    return {
        "agents.listing": {},
        "calls.unfinished": {},
        "calls.linked": {"partner_call_ids": ["call_1"]},
        "calls.get": {"call_id": of["call_id"]},
        "calls.listing": {**none, **PAGE},
        "campaigns.get": {"campaign_id": of["campaign_id"]},
        "campaigns.hold": {"campaign_id": of["campaign_id"]},
        "campaigns.listing": {**PAGE},
        "campaigns.in_flight": {"campaign_id": of["campaign_id"]},
        "campaigns.versions": {"campaign_id": of["campaign_id"]},
        "doubts.listing": {**PAGE},
        "events.timeline": {"lead_id": of["lead_id"]},
        "events.since": {"after": 0},
        "events.latest": {},
        "events.evidence_of": {"call_id": of["call_id"]},
        "gates.in_call": {"phones": [of["phone"]]},
        "gates.rings": {"phones": [of["phone"]]},
        "held.listing": {**PAGE},
        "held.get": {"call_id": of["held_id"]},
        "held.count": {},
        "held.timeline": {"call_id": of["call_id"], "lead_id": of["lead_id"]},
        "history.skew": {},
        "history.lag": {},
        "history.traffic": {"since": NOON - timedelta(hours=1)},
        "history.next_sweep": {"least": timedelta(minutes=15)},
        "history.watermarks": {"since": NOON - timedelta(hours=1)},
        "history.known_call_missing": {"older_than": timedelta(minutes=10)},
        "leads.get": {"lead_id": of["lead_id"]},
        "leads.listing": {
            **dict.fromkeys(("campaign_id", "state", "phone", "external_id")),
            **PAGE,
        },
        "ledger.by_campaign": {},
        "ledger.calls_by_state": {},
        "ledger.outcomes": {},
        "ledger.reasons": {},
        "ledger.pace": {},
        "organizations.businesses": {},
        "organizations.has": {"level": "agent", "subject_id": of["agent_id"]},
        "organizations.keys": {},
        "overview.lead_in_flight": {"lead_id": of["lead_id"]},
        "overview.agent_in_flight": {"agent_id": of["agent_id"]},
        "overview.agent": {"agent_id": of["agent_id"]},
        "overview.limits": {},
        "overview.key_in_force": {"key_id": of["key_id"]},
        "overview.suppression": {"suppression_id": of["suppression_id"]},
        "overview.suppressions": {"phone": None, **PAGE},
        "overview.in_progress": {},
        "overview.rings_by_minute": {},
        "overview.deliveries_by_problem": {},
        "pacers.occupied": {},
        "pacers.is_short": {},
        "preflight.talk": {},
        "probation.lanes": {"seconds": 60},
        "progress.buckets": campaign,
        "progress.buckets_of": {"campaign_ids": [of["campaign_id"]]},
        "progress.finished_by_outcome": campaign,
        "progress.latest_calls": campaign,
        "progress.newest": {"before": None, "limit": 10},
        "progress.rings_by_hour": {**campaign, "zone": "America/New_York"},
        "progress.rings_in_last_minute": campaign,
        "refusals.unseen": {"seconds": 60},
        "refusals.disbelieved": {},
        "refusals.is_disbelieved": {"answer": "bad_request"},
        "replay.ended": {"before": None, "limit": 10},
        "rulebooks.current": {},
        "rulebooks.get": {"version": 1},
        "rulebooks.hold": {},
        "rulebooks.versions": {"before": None, "limit": 10},
        "stop_words.named": {
            **dict.fromkeys(("lead_id", "phone", "source_id", "campaign_id")),
            "external_id": "a1",
        },
        "stops.proof": {"level": "campaign", "subject_id": of["campaign_id"]},
        "witness.lead_of": {"phone": of["waiting"], "partner_agent_id": "agent_demo"},
        "sources.listing": {},
        "sources.get": {"source_id": of["source_id"]},
        "sources.by_name": {"name": "crm"},
        "sources.delivery": {"delivery_id": of["delivery_id"]},
        "sources.deliveries": {"state": None, **PAGE},
        "suppressions.among": {"phones": ["+12125550199"]},
        "suppressions.in_force": {"phones": ["+12125550199"]},
        "suppressions.campaigns_among": {"campaign_ids": [of["campaign_id"]]},
        "variants.hold_campaign": {"campaign_id": of["campaign_id"]},
        "variants.of_campaign": {"campaign_id": of["campaign_id"]},
        "variants.drawn_for": {"campaign_ids": [of["campaign_id"]]},
        "variants.outcomes": {"campaign_id": of["campaign_id"], "goal": ["completed"]},
        "variants.calls_made": {"campaign_id": of["campaign_id"]},
        **rarities.reads(of),
    }


def _public(module: ModuleType) -> dict[str, Callable[..., Awaitable[object]]]:
    short = module.__name__.rpartition(".")[2]
    return {
        f"{short}.{name}": function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "organization_id" in inspect.signature(function).parameters
    }


SCOPED = {name: function for module in MODULES for name, function in _public(module).items()}
ITSELF = {"organizations.get", "history.progress", "standing.of", "dnc.lock_key"}
"""Reads the row of the organization that it is given, or makes a name of its id."""

INVERSE = {"segments.strangers"}
"""Says what is not the organization's."""

BUILT_IN = {"sources.listing"}
"""Reads that find an organization's own built-in rows, even in an empty one."""


def _shown(found: object) -> object:
    """Something false when a read found nothing."""
    match found:
        case tuple() | list():
            return any(found)
        case dict() | set():
            return found
        case Mapping():
            return any(found.values())
        case timedelta():
            return found != timedelta()
        case _:
            return found


def test_every_function_of_the_store_with_an_organization_is_known_here() -> None:
    anything = dict.fromkeys(("phone", "call_id", "held_id", "lead_id", "campaign_id", "agent_id"))
    ids = dict.fromkeys(("key_id", "source_id", "delivery_id", "suppression_id", "waiting"))
    ids |= dict.fromkeys(("segment_id", "schedule_id", "run_id", "anew"))
    assert set(SCOPED) == set(_reads(anything | ids)) | WRITES | ITSELF | INVERSE


async def _read(conn: AsyncConnection, name: str, organization_id: UUID, given: object) -> object:
    assert isinstance(given, dict)
    return await SCOPED[name](conn, organization_id=organization_id, **given)


@pytest.mark.asyncio
async def test_the_owner_sees_its_rows_and_a_stranger_none(house: House) -> None:
    stranger = await house.neighbour()
    reads = _reads(await _furnish(house))
    blind: list[str] = []
    leaks: list[str] = []
    async with house.context.engine.connect() as conn:
        for name, given in reads.items():
            if not _shown(await _read(conn, name, house.organization_id, given)):
                blind.append(name)
            seen = await _read(conn, name, stranger.organization_id, given)
            if name in BUILT_IN:
                assert isinstance(seen, Sequence)
                own = {row["organization_id"] for row in seen}
                assert own == {stranger.organization_id}
            elif _shown(seen):
                leaks.append(name)
    assert (blind, leaks) == ([], [])


@pytest.mark.asyncio
async def test_a_stranger_changes_nothing(house: House) -> None:
    of = await _furnish(house)
    org = {"organization_id": (await house.neighbour()).organization_id}
    await house.run(
        "UPDATE leads SET state = 'held', reason = 'partner_lead_unknown' WHERE id = :id",
        id=of["lead_id"],
    )
    await house.run(
        """
        UPDATE leads SET reason = 'later', due_at = outdial_now() + interval '1 h'
        WHERE phone = :phone
        """,
        phone=of["waiting"],
    )
    waiting = await house.row("SELECT id FROM leads WHERE phone = :phone", phone=of["waiting"])
    tables = (
        *("agents", "businesses", "campaigns", "sources", "api_keys", "leads", "calls"),
        "suppressions",
        "variants",
    )
    before = [await house.rows(f"SELECT * FROM {t} ORDER BY id") for t in tables]  # noqa: S608 -- named above
    async with house.context.engine.begin() as conn:
        assert not await agents.set_paused(conn, agent_id=of["agent_id"], paused=True, **org)
        assert not await stops.set_paused(
            conn, level="business", subject_id=of["business_id"], paused=True, **org
        )
        assert not await leads.reconsider(
            conn,
            campaign_id=of["campaign_id"],
            reasons=["later"],
            before=NOON + YEAR,
            limit=10,
            **org,
        )
        assert not await campaigns.change(
            conn, campaign_id=of["campaign_id"], plan={"name": "theirs"}, **org
        )
        assert not await sources.change(
            conn,
            source_id=of["source_id"],
            state="paused",
            field_map=None,
            campaign_id=None,
            **org,
        )
        assert not await variants.retire(conn, variant_id=of["variant_id"], **org)
        await variants.change(conn, variant_id=of["variant_id"], values={"name": "x"}, **org)
        await variants.assign(conn, drawn=[(waiting["id"], None, None)], **org)
        assert not await variants.free_uncalled(
            conn,
            campaign_id=of["campaign_id"],
            variant_id=of["variant_id"],
            after=None,
            limit=10,
            **org,
        )
        assert not await organizations.revoke_key(conn, key_id=of["key_id"], **org)
        assert not await suppressions.end_waiting(conn, scopes=[(of["waiting"], None)], **org)
        assert not await suppressions.remove(conn, suppression_id=of["suppression_id"], **org)
        assert not await refusals.believe(conn, answer="bad_request", **org)
        assert not await leads.release_mistaken(
            conn, lead_id=of["lead_id"], partner_lead_id=None, **org
        )
        assert await refusals.is_disbelieved(
            conn, organization_id=house.organization_id, answer="bad_request"
        )
    after = [await house.rows(f"SELECT * FROM {t} ORDER BY id") for t in tables]  # noqa: S608 -- named above
    assert after == before
