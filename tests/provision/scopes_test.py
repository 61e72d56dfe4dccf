"""Scopes that a plan needs are named before anything is changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from partner import SCOPES, ClientCredentials, PartnerClient
from provision.applying import apply, destroy, without_anything
from provision.errors import MissingScopesError
from provision.importing import import_business
from provision.plan import Action, Difference, Verb
from provision.planning import plan
from provision.scopes import needed_scopes
from provision.state import Kind
from tests.provision.workbench import Workbench, shop
from tests.support.sandbox import SandboxProcess

NAME = (Difference.of("name", "name", "A", "B"),)
NEEDED = (
    "files:create",
    "integrations:create",
    "tools:create",
    "voice-agents:create",
    "voice-agents:update",
)
READ = ("files:read", "integrations:read", "tools:read", "voice-agents:read", "voices:read")


def action(kind: Kind, verb: Verb, differences: tuple[Difference, ...] = ()) -> Action:
    return Action(address="any", kind=kind, verb=verb, label="", differences=differences)


@pytest.mark.parametrize(
    ("kind", "verb", "differences", "scopes"),
    [
        (Kind.TOOL, Verb.CREATE, (), {"tools:create"}),
        (Kind.TOOL, Verb.UPDATE, (), {"tools:update"}),
        (Kind.TOOL, Verb.REPLACE, (), {"tools:create", "tools:delete"}),
        (Kind.TOOL, Verb.ADOPT, (), set()),
        (Kind.TOOL, Verb.ADOPT, NAME, {"tools:update"}),
        (Kind.FILE, Verb.DELETE, (), {"files:delete"}),
        (Kind.FILE, Verb.NONE, (), set()),
        (Kind.CALENDAR, Verb.CREATE, (), {"integrations:create"}),
        (Kind.CALENDAR, Verb.UPDATE, NAME, {"integrations:create"}),
        (Kind.CALENDAR, Verb.FORGET, (), set()),
        (Kind.AGENT, Verb.UPDATE, NAME, {"voice-agents:update"}),
        (Kind.AGENT, Verb.DELETE, (), {"voice-agents:delete", "voice-agents:update"}),
        (Kind.AGENT, Verb.DEPLOY, (), {"voice-agents:update"}),
        (Kind.AGENT, Verb.ON_DUTY, (), {"voice-agents:update"}),
        (Kind.AGENT, Verb.OFF_DUTY, (), {"voice-agents:update"}),
    ],
)
def test_each_action_needs_its_scopes(
    kind: Kind, verb: Verb, differences: tuple[Difference, ...], scopes: set[str]
) -> None:
    assert needed_scopes([action(kind, verb, differences)]) == scopes


@pytest.mark.asyncio
@pytest.mark.parametrize("lacking", NEEDED)
async def test_a_static_key_is_asked_about_each(
    sandbox: SandboxProcess, tmp_path: Path, lacking: str
) -> None:
    async with Workbench.new(sandbox, tmp_path, frozenset(SCOPES) - {lacking}) as bench:
        before = bench.writes()
        made = await bench.plan(shop())
        assert made.missing_scopes == (lacking,)
        with pytest.raises(MissingScopesError, match=lacking) as caught:
            await bench.apply(shop())
        assert caught.value.scopes == (lacking,)
        assert bench.writes() == before
        assert not bench.state_path.exists()


@pytest.mark.asyncio
async def test_only_scopes_that_the_plan_needs_are_needed(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    async with Workbench.new(sandbox, tmp_path, frozenset((*NEEDED, *READ))) as bench:
        await bench.apply(shop())
        assert len((await bench.world())["agents"]) == 2


@pytest.mark.asyncio
async def test_a_manifest_of_agents_alone_needs_no_scope_for_files(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    scopes = {"tools:read", *(f"voice-agents:{verb}" for verb in ("read", "create", "update"))}
    desk = {"name": "Desk", "type": "INBOUND", "conversationFlow": "Answer."}
    declared = {"agents": {"desk": desk}}
    async with Workbench.new(sandbox, tmp_path, frozenset(scopes)) as bench:
        await bench.apply(declared)
        assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
@pytest.mark.parametrize("lacking", READ)
async def test_what_may_not_be_read_is_named_too(
    sandbox: SandboxProcess, tmp_path: Path, lacking: str
) -> None:
    async with Workbench.new(sandbox, tmp_path, frozenset(SCOPES) - {lacking}) as bench:
        with pytest.raises(MissingScopesError, match=lacking):
            await bench.plan(shop())


@pytest.mark.asyncio
async def test_all_that_may_not_be_read_is_named_at_once(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    lacking = {"files:read", "integrations:read", "voices:read"}
    async with Workbench.new(sandbox, tmp_path, frozenset(SCOPES) - lacking) as bench:
        with pytest.raises(MissingScopesError) as caught:
            await bench.plan(shop())
        assert caught.value.scopes == tuple(sorted(lacking))
        path = bench.path.with_name("imported.yaml")
        with pytest.raises(MissingScopesError) as imported:
            await import_business(bench.client, bench.business, manifest_path=path, environ={})
        assert imported.value.scopes == tuple(sorted(lacking))
        desk = {"name": "Desk", "type": "INBOUND", "conversationFlow": "Answer."}
        assert not (await bench.plan({"agents": {"desk": desk}})).empty


@pytest.mark.asyncio
async def test_destroying_needs_scopes_of_its_own(sandbox: SandboxProcess, tmp_path: Path) -> None:
    async with Workbench.new(sandbox, tmp_path, frozenset((*NEEDED, *READ))) as bench:
        await bench.apply(shop())
        manifest = bench.manifest(shop())
        made = await plan(bench.client, without_anything(manifest), bench.state)
        assert made.missing_scopes == ("files:delete", "tools:delete", "voice-agents:delete")
        before = await bench.world()
        with pytest.raises(MissingScopesError):
            await destroy(bench.client, manifest)
        assert await bench.world() == before


@asynccontextmanager
async def by_token(bench: Workbench, scopes: frozenset[str]) -> AsyncIterator[PartnerClient]:
    """A client of the bench's organization whose tokens are granted these scopes."""
    client_id = f"client-{uuid4().hex[:12]}"
    bench.sandbox.add(
        "credentials",
        organization_id=bench.business.replace("biz_", "org_"),
        client_id=client_id,
        client_secret="invented",
        scopes=sorted(scopes),
    )
    credentials = ClientCredentials(client_id, "invented")
    async with PartnerClient(base_url=bench.sandbox.base_url, credentials=credentials) as client:
        yield client


@pytest.mark.asyncio
async def test_a_token_says_what_it_was_granted(bench: Workbench) -> None:
    async with by_token(bench, frozenset(SCOPES) - {"tools:create"}) as client:
        manifest = bench.manifest(shop())
        requests = bench.requests()
        made = await plan(client, manifest, None)
        assert made.missing_scopes == ("tools:create",)
        with pytest.raises(MissingScopesError):
            await apply(client, manifest)
        asked = bench.requests()
        changed = {route for route in asked if asked[route] != requests.get(route)}
        assert {route.partition(" ")[0] for route in changed if "oauth" not in route} == {"GET"}
