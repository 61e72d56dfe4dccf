"""What an earlier run lost is found even when it comes late, and never guessed."""

import httpx2
import pytest
import yaml

from partner import CreateTool
from provision.applying import apply
from provision.errors import AmbiguousError, OutdatedPlanError, StepFailedError
from provision.events import Event, Phase
from provision.manifest import read
from provision.plan import Verb
from provision.planning import plan
from provision.state import Intent, State
from provision.state_file import open_state
from tests.provision.workbench import Workbench, did, transfer

DECLARED = {"tools": {"desk": transfer("Desk", "+12125550150")}}
TEMPLATE = "template-transfer-001"
BODY = {"templateToolId": TEMPLATE, "configOverride": DECLARED["tools"]["desk"]["config"]}


def lose(bench: Workbench) -> State:
    """Leave the state as a run does that was killed while it created the tool."""
    intent = Intent(known_ids=(), match={"templateToolId": TEMPLATE}, sent=BODY)
    where = {"base_url": bench.client.base_url, "business": bench.business}
    with open_state(bench.state_path, **where) as book:
        book.save(book.state.with_intent("tools.desk", intent))
        return book.state


async def make(bench: Workbench) -> str:
    """Make the tool, as the request did that was lost."""
    body = CreateTool.model_validate(BODY)
    return (await bench.client.create_tool_instance(bench.business, body)).id


@pytest.mark.asyncio
async def test_what_was_lost_is_adopted(bench: Workbench) -> None:
    lose(bench)
    made = await make(bench)
    assert did(await bench.plan(DECLARED)) == [(Verb.ADOPT, "tools.desk")]
    await bench.apply(DECLARED)
    assert bench.ids() == {"tools.desk": made}
    assert bench.kept.creating == {}
    assert (await bench.plan(DECLARED)).empty


@pytest.mark.asyncio
async def test_one_of_several_is_never_guessed(bench: Workbench) -> None:
    kept = lose(bench)
    made = sorted([await make(bench), await make(bench)])
    with pytest.raises(AmbiguousError) as caught:
        await bench.apply(DECLARED)
    assert list(caught.value.ids) == made
    assert bench.kept == kept
    await bench.client.delete_tool_instance(bench.business, made[0])
    await bench.apply(DECLARED)
    assert bench.ids() == {"tools.desk": made[1]}


@pytest.mark.asyncio
async def test_what_comes_after_the_plan_stops_the_apply_that_would_double_it(
    bench: Workbench,
) -> None:
    lose(bench)

    def arrive_late(event: Event) -> None:
        if event.phase is Phase.STARTED:
            httpx2.post(
                f"{bench.client.base_url}/businesses/{bench.business}/tools",
                headers={"Authorization": f"Bearer {bench.key}"},
                json=BODY,
                trust_env=False,
            ).raise_for_status()

    with pytest.raises(OutdatedPlanError, match="has appeared since"):
        await bench.apply(DECLARED, arrive_late)
    assert len((await bench.world())["tools"]) == 1
    await bench.apply(DECLARED)
    assert len((await bench.world())["tools"]) == 1
    assert (await bench.plan(DECLARED)).empty


@pytest.mark.asyncio
async def test_a_refusal_settles_only_the_create_that_it_refuses(bench: Workbench) -> None:
    kept = lose(bench)

    def refuse(event: Event) -> None:
        if event.phase is Phase.SENDING:
            bench.sandbox.fault("refuse", route="tools", count=1)

    with pytest.raises(StepFailedError, match="refused"):
        await bench.apply(DECLARED, refuse)
    assert bench.kept.creating == kept.creating, "the earlier request may still be acted on"
    await bench.apply(DECLARED)
    assert bench.kept.creating == {}
    assert len((await bench.world())["tools"]) == 1


@pytest.mark.asyncio
async def test_a_first_create_that_is_refused_leaves_nothing_behind(bench: Workbench) -> None:
    def refuse(event: Event) -> None:
        if event.phase is Phase.SENDING:
            bench.sandbox.fault("refuse", route="tools", count=1)

    with pytest.raises(StepFailedError, match="refused"):
        await bench.apply(DECLARED, refuse)
    assert bench.kept.creating == {}


@pytest.mark.asyncio
async def test_a_create_that_nothing_waits_for_any_more_is_forgotten(bench: Workbench) -> None:
    lose(bench)
    await bench.apply({"agents": {}})
    assert bench.kept.creating == {}
    await make(bench)
    assert did(await bench.plan({"agents": {}})) == [], "it is somebody else's"


@pytest.mark.asyncio
async def test_a_secret_name_is_not_kept_while_an_agent_is_created(bench: Workbench) -> None:
    desk = {"name": "${PERSON}", "type": "OUTBOUND", "conversationFlow": "Greet."}
    declared = {"agents": {"desk": desk}}
    bench.path.write_text(yaml.safe_dump({"business": bench.business, **declared}))
    manifest = read(bench.path, environ={"PERSON": "Never to be kept"})
    kept: list[str] = []

    def look(event: Event) -> None:
        if event.phase is Phase.ANSWERED and event.action.verb is Verb.CREATE:
            kept.append(bench.state_path.read_text())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await apply(bench.client, manifest, on_event=look)
    assert "agents.desk" in kept[0]
    assert "Never to be kept" not in kept[0]
    await apply(bench.client, manifest)
    assert len((await bench.world())["agents"]) == 1
    assert (await plan(bench.client, manifest, bench.state)).empty
