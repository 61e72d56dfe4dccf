"""A plan says what an apply would do to a real sandbox, and nothing more is ever done."""

import pytest

from partner import PartnerClient, StaticKey, UpdateTool, UpdateVoiceAgent
from provision.applying import destroy
from provision.errors import (
    StateMismatchError,
    UpstreamError,
)
from provision.manifest import ManifestError
from provision.plan import Drift, Verb
from provision.planning import plan
from tests.provision.workbench import Workbench, action_of, did, shop, transfer


@pytest.mark.asyncio
async def test_the_first_plan_makes_everything_in_order(bench: Workbench) -> None:
    made = await bench.plan(shop())
    assert did(made) == [
        (Verb.CREATE, "calendar"),
        (Verb.CREATE, "tools.dispatcher"),
        (Verb.CREATE, "tools.office"),
        (Verb.CREATE, "files.prices"),
        (Verb.CREATE, "agents.caller"),
        (Verb.CREATE, "agents.desk"),
        (Verb.DEPLOY, "agents.caller"),
        (Verb.DEPLOY, "agents.desk"),
        (Verb.OFF_DUTY, "agents.desk"),
    ]
    assert (len(made.drift), len(made.warnings), len(made.missing_scopes)) == (0, 0, 0)
    assert not bench.state_path.exists()


@pytest.mark.asyncio
async def test_another_secret_is_a_change_that_shows_neither(bench: Workbench) -> None:
    declared = shop()
    messages = [{"type": "request-complete", "content": "${HOLD}"}]
    declared["tools"]["dispatcher"]["config"]["messages"] = messages
    await bench.apply(declared)
    messages[0]["content"] = "${HOLD}?again"
    (changed,) = (await bench.plan(declared)).changes
    assert changed.verb is Verb.UPDATE
    (difference,) = changed.differences
    assert difference.secret
    assert "s3cr3t" not in str(changed)


@pytest.mark.asyncio
async def test_changes_are_shown_field_by_field_and_made_in_place(bench: Workbench) -> None:
    await bench.apply(shop())
    declared = shop()
    declared["agents"]["caller"]["personality"] = {"tone": "calm", "useEmpathy": True}
    declared["agents"]["caller"]["customInstructions"] = "Be brief."
    declared["tools"]["office"] = transfer("Office", "+12125550177")
    made = await bench.plan(declared)
    assert did(made) == [(Verb.UPDATE, "tools.office"), (Verb.UPDATE, "agents.caller")]
    shown = {
        one.path: (one.before, one.after) for one in action_of(made, "agents.caller").differences
    }
    assert shown == {
        "personality.tone": ("friendly", "calm"),
        "customInstructions": (None, "Be brief."),
    }
    before = bench.ids()
    await bench.apply(declared)
    after = bench.ids()
    assert before == after
    assert (await bench.plan(declared)).empty
    assert (await bench.world())["agents"][0]["custom_instructions"] == "Be brief."


@pytest.mark.asyncio
async def test_a_field_that_leaves_the_manifest_is_cleared(bench: Workbench) -> None:
    await bench.apply(shop())
    declared = shop()
    del declared["agents"]["caller"]["collectFields"]
    made = await bench.plan(declared)
    (difference,) = action_of(made, "agents.caller").differences
    assert (difference.path, difference.before, difference.after) == (
        "collectFields",
        ["name", "interested"],
        None,
    )
    await bench.apply(declared)
    assert not (await bench.world())["agents"][0]["collect_fields"]
    assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
async def test_a_changed_file_is_uploaded_anew_and_the_old_one_deleted(bench: Workbench) -> None:
    await bench.apply(shop())
    bench.prices("# Other prices\n")
    made = await bench.plan(shop())
    assert did(made) == [
        (Verb.REPLACE, "files.prices"),
        (Verb.UPDATE, "agents.caller"),
        (Verb.DELETE, "files.prices"),
    ]
    await bench.apply(shop())
    world = await bench.world()
    assert [one[:3] for one in world["files"]] == [("files.prices", "prices.md", 15)]
    assert world["agents"][0]["knowledge_base_document_ids"] == ["files.prices"]
    assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
async def test_an_agent_of_another_type_is_replaced(bench: Workbench) -> None:
    await bench.apply(shop())
    declared = shop()
    declared["agents"]["desk"] |= {"type": "OUTBOUND"}
    del declared["agents"]["desk"]["activatedHours"]
    made = await bench.plan(declared)
    assert did(made) == [
        (Verb.REPLACE, "agents.desk"),
        (Verb.DEPLOY, "agents.desk"),
        (Verb.OFF_DUTY, "agents.desk"),
        (Verb.DELETE, "agents.desk"),
    ]
    assert made.summary[Verb.REPLACE] == 1
    assert Verb.DELETE not in made.summary
    await bench.apply(declared)
    assert [one["type"] for one in (await bench.world())["agents"]] == ["OUTBOUND", "OUTBOUND"]
    assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
async def test_another_key_is_not_another_thing(bench: Workbench) -> None:
    await bench.apply(shop())
    before = bench.kept.owned_ids
    declared = shop()
    for kind, old, new in (("tools", "office", "o"), ("files", "prices", "p")):
        declared[kind][new] = declared[kind].pop(old)
    declared["agents"]["night"] = declared["agents"].pop("desk") | {"tools": ["o"]}
    declared["agents"]["caller"]["files"] = ["p"]
    made = await bench.plan(declared)
    assert {verb for verb, _ in did(made)} == {Verb.ADOPT}
    await bench.apply(declared)
    assert bench.kept.owned_ids == before
    assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
async def test_what_leaves_the_manifest_is_deleted_after_what_uses_it(bench: Workbench) -> None:
    await bench.apply(shop())
    declared = shop()
    del declared["agents"]["desk"], declared["tools"]["office"], declared["calendar"]
    made = await bench.plan(declared)
    assert did(made) == [
        (Verb.DELETE, "agents.desk"),
        (Verb.DELETE, "tools.office"),
        (Verb.FORGET, "calendar"),
    ]
    assert "disconnect" in made.warnings[0]
    await bench.apply(declared)
    assert len((await bench.world())["agents"]) == 1
    assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
async def test_without_a_state_agents_and_files_are_adopted(bench: Workbench) -> None:
    declared = shop()
    declared["tools"] = {}
    for agent in declared["agents"].values():
        agent["tools"] = []
    await bench.apply(declared)
    before = bench.kept.owned_ids
    bench.state_path.unlink()
    made = await bench.plan(declared)
    assert did(made) == [
        (Verb.ADOPT, "calendar"),
        (Verb.ADOPT, "files.prices"),
        (Verb.ADOPT, "agents.caller"),
        (Verb.ADOPT, "agents.desk"),
    ]
    await bench.apply(declared)
    assert bench.kept.owned_ids == before
    assert (await bench.plan(declared)).empty


@pytest.mark.asyncio
async def test_an_existing_thing_is_used_and_never_deleted(bench: Workbench) -> None:
    await bench.apply(shop())
    office = bench.kept.entries["tools.office"].id
    declared = shop()
    declared["tools"]["office"] = {"id": office}
    made = await bench.plan(declared)
    assert did(made) == [(Verb.FORGET, "tools.office")]
    await bench.apply(declared)
    await destroy(bench.client, bench.manifest(declared))
    assert [kind for _, kind in (await bench.world())["tools"]] == ["transferCall"]


@pytest.mark.asyncio
async def test_what_the_upstream_does_not_have_is_a_fault_of_the_manifest(
    bench: Workbench,
) -> None:
    declared = shop()
    declared["agents"]["caller"]["voice"] = "Sara"
    declared["agents"]["desk"]["tools"] = ["id:tool_nowhere"]
    with pytest.raises(ManifestError) as caught:
        await bench.plan(declared)
    assert {fault.code for fault in caught.value.faults} == {"unknown_voice", "unknown_tool_id"}
    voice = next(one for one in caught.value.faults if one.code == "unknown_voice")
    assert voice.field == "agents.caller.voice"
    assert voice.suggestion == 'did you mean "Sarah"?'
    tool = next(one for one in caught.value.faults if one.code == "unknown_tool_id")
    assert tool.suggestion == "delete this line if it is gone for good upstream"


@pytest.mark.asyncio
async def test_a_change_outside_is_drift_and_set_back(bench: Workbench) -> None:
    await bench.apply(shop())
    entries = bench.kept.entries
    agent_id, tool_id = entries["agents.caller"].id, entries["tools.office"].id
    body = UpdateVoiceAgent(first_message="Hi", personality={"tone": "rude"})
    await bench.client.update_voice_agent(bench.business, agent_id, body)
    other = UpdateTool(config_override=transfer("Else", "+12125550188")["config"])
    await bench.client.update_tool_instance(bench.business, tool_id, other)
    made = await bench.plan(shop())
    assert [(one.address, one.drift) for one in made.drift] == [
        ("tools.office", Drift.CHANGED),
        ("agents.caller", Drift.CHANGED),
    ]
    (drifted,) = made.drift[1].differences[:1]
    assert (drifted.path, drifted.before, drifted.after) == (
        "personality.tone",
        "friendly",
        "rude",
    )
    assert did(made) == [(Verb.UPDATE, "tools.office"), (Verb.UPDATE, "agents.caller")]
    assert action_of(made, "agents.caller").reason == "because it was changed outside"
    await bench.apply(shop())
    caller = (await bench.world())["agents"][0]
    assert caller["personality"]["tone"] == "friendly"
    assert caller["first_message"] == "Hi", "a field that the manifest leaves out is not ours"
    assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
async def test_what_was_deleted_outside_is_made_again(bench: Workbench) -> None:
    await bench.apply(shop())
    entries = bench.kept.entries
    await bench.client.delete_voice_agent(bench.business, entries["agents.desk"].id)
    await bench.client.delete_tool_instance(bench.business, entries["tools.office"].id)
    made = await bench.plan(shop())
    assert {(one.address, one.drift) for one in made.drift} == {
        ("tools.office", Drift.DELETED),
        ("agents.desk", Drift.DELETED),
    }
    assert did(made)[:2] == [(Verb.CREATE, "tools.office"), (Verb.CREATE, "agents.desk")]
    await bench.apply(shop())
    assert (await bench.plan(shop())).empty
    assert bench.kept.leaving == ()


@pytest.mark.asyncio
async def test_duty_is_set_where_it_is_declared_and_else_left_alone(bench: Workbench) -> None:
    await bench.apply(shop())
    entries = bench.kept.entries
    await bench.client.set_off_duty(bench.business, entries["agents.caller"].id)
    assert (await bench.plan(shop())).empty
    declared = shop()
    declared["agents"]["caller"]["onDuty"] = True
    made = await bench.plan(declared)
    assert did(made) == [(Verb.ON_DUTY, "agents.caller")]
    (drifted,) = made.drift
    assert [(one.path, one.before, one.after) for one in drifted.differences] == [
        ("onDuty", True, False)
    ]
    await bench.apply(declared)
    assert (await bench.world())["agents"][0]["on_duty"] is True


@pytest.mark.asyncio
async def test_a_state_is_for_one_business_of_one_api(bench: Workbench) -> None:
    await bench.apply(shop())
    manifest = bench.manifest(shop()).model_copy(update={"business": "biz_demo"})
    with pytest.raises(StateMismatchError, match="biz_demo"):
        await plan(bench.client, manifest, bench.state)
    moved = bench.kept.model_copy(update={"base_url": "https://example.com"})
    with pytest.raises(StateMismatchError, match=r"example\.com"):
        await plan(bench.client, bench.manifest(shop()), moved)


@pytest.mark.asyncio
async def test_a_plan_waits_where_the_upstream_asks_it_to(bench: Workbench) -> None:
    bench.sandbox.fault("rate_limit", route="any", count=2, retry_after="0")
    assert len((await bench.plan(shop())).changes) == 9


@pytest.mark.asyncio
async def test_a_business_that_does_not_exist_is_a_fault_of_the_manifest(
    bench: Workbench,
) -> None:
    bench.business = "biz_nope"
    with pytest.raises(ManifestError) as caught:
        await bench.plan(shop())
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("unknown_business", "business")
    assert fault.source is not None
    assert fault.source.startswith("business: biz_nope")


@pytest.mark.asyncio
async def test_an_address_at_which_nothing_is_is_no_fault_of_the_manifest(
    bench: Workbench,
) -> None:
    elsewhere = f"{bench.sandbox.base_url}/elsewhere"
    async with PartnerClient(base_url=elsewhere, credentials=StaticKey(bench.key)) as client:
        with pytest.raises(UpstreamError, match="OUTDIAL_PARTNER_BASE_URL"):
            await plan(client, bench.manifest(shop()), None)
