"""The template library, and how overrides are checked against its schemas."""

import jsonschema_rs
import pytest

from sandbox.catalog.schemas import DIALECT
from sandbox.catalog.templates import (
    END_CALL_TEMPLATE,
    FUNCTION_TEMPLATE,
    TEMPLATES,
    TRANSFER_TEMPLATE,
    checked_override,
)
from sandbox.errors import ApiError
from sandbox.model.tools import ToolTemplate

LOOKUP = {"serverUrl": "https://hooks.example.com/lookup", "functionName": "look_up"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_every_config_schema_is_a_json_schema(template: ToolTemplate) -> None:
    assert template.config_schema["$schema"] == DIALECT
    jsonschema_rs.meta.validate(template.config_schema)


def test_a_template_describes_itself_with_its_schema() -> None:
    shown = TRANSFER_TEMPLATE.described()
    assert set(shown) == {
        *("id", "isTemplate", "name", "displayName", "type", "config", "configSchema"),
    }
    assert shown["isTemplate"] is True
    assert shown["configSchema"]["required"] == ["destinations"]


def test_an_instance_takes_after_its_template() -> None:
    tool = TRANSFER_TEMPLATE.instance(
        business_id="biz", override={"destinationIds": ["d"]}, at="now", agent_id="agent"
    )
    assert (tool.template_tool_id, tool.name) == (TRANSFER_TEMPLATE.id, "transferCall")
    assert (tool.message, tool.agent_id) == (TRANSFER_TEMPLATE.message, "agent")
    assert tool.automatic
    assert not END_CALL_TEMPLATE.instance(business_id="biz", override={}, at="now").automatic


def test_what_the_schema_does_not_know_is_left_out() -> None:
    assert checked_override(FUNCTION_TEMPLATE, LOOKUP | {"more": 1}) == LOOKUP


def test_everything_wrong_is_told_at_once_and_by_place() -> None:
    with pytest.raises(ApiError) as refused:
        checked_override(
            TRANSFER_TEMPLATE,
            {
                "destinations": [{"phoneNumber": "5550123"}],
                "messages": [{"type": "x", "content": "y"}],
            },
        )
    told = refused.value.message
    assert refused.value.status == 400
    for place in ("destinations.0", "destinations.0.phoneNumber", "messages.0.type"):
        assert f"configOverride.{place}: " in told
    assert "must be a US number, +1XXXXXXXXXX" in told
    assert "must be an http or https address" in told


def test_an_error_is_short_and_repeats_no_value() -> None:
    wrong = {"name": "x" * 500, "phoneNumber": "<script>" * 100}
    with pytest.raises(ApiError) as refused:
        checked_override(TRANSFER_TEMPLATE, {"destinations": [wrong] * 50})
    assert len(refused.value.message) <= 1_000
    assert "xxx" not in refused.value.message
    assert "script" not in refused.value.message


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_can_not_write_are_refused(number: float) -> None:
    with pytest.raises(ApiError, match="finite"):
        checked_override(FUNCTION_TEMPLATE, LOOKUP | {"parameters": {"deep": [number]}})
