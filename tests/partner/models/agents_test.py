"""An agent counts as deployed and on duty only by values that leave no doubt."""

import pytest

from partner import VoiceAgent


@pytest.mark.parametrize(
    ("fields", "deployed"),
    [
        ({}, False),
        ({"phoneNumber": None, "onDuty": None}, False),
        ({"phoneNumber": "+12125550100"}, True),
        ({"onDuty": False}, True),
        ({"phoneNumber": 5, "onDuty": "yes"}, False),
    ],
)
def test_deployed(fields: dict[str, object], deployed: bool) -> None:  # noqa: FBT001 - a pytest parameter
    assert VoiceAgent.model_validate({"id": "agent"} | fields).deployed is deployed


@pytest.mark.parametrize("duty", ["true", "yes", 1, 0, []])
def test_duty_is_a_boolean_or_nothing(duty: object) -> None:
    agent = VoiceAgent.model_validate({"id": "agent", "onDuty": duty})
    assert agent.on_duty is None
    assert agent.odd == {"onDuty": duty}
