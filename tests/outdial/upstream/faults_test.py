"""Every way in which the Partner API can fail becomes a sentence with a remedy, and a code."""

import json

import pytest

from outdial.speaking.coded import CodedError
from outdial.speaking.speech import CommandError, Exit
from outdial.upstream.connection import Upstream
from outdial.upstream.faults import explain, reported
from partner import Evidence, NotSent, PartnerError, Refused, StaticKey, Unknown
from provision.errors import MissingScopesError, StateMismatchError

NOTHING = Evidence(status=None, headers={}, body="", elapsed_ms=1, server_date=None)
SANDBOX = Upstream(
    base_url="http://127.0.0.1:8700/api/partner/v1",
    credentials=StaticKey("k"),
    source="environment",
)
AWAY = Upstream(
    base_url="https://partner.example.com/v1", credentials=StaticKey("k"), source="environment"
)


def refused(code: str, status: int, **more: object) -> Refused:
    """A refusal with the upstream's own words."""
    words = {"partner_message": "Agent is not deployed", **more}
    return Refused(code, "refused", evidence=NOTHING, status=status, **words)  # type: ignore[arg-type] # codes and fields of the test's own


@pytest.mark.parametrize(
    ("error", "upstream", "told"),
    [
        (NotSent("connect_failed", "no"), SANDBOX, "For the sandbox: outdial sandbox"),
        (NotSent("dns_failed", "no"), AWAY, "check OUTDIAL_PARTNER_BASE_URL and the network"),
        (NotSent("token_unavailable", "no token"), AWAY, "try again in a minute"),
        (refused("forbidden", 403, scope="voices:read"), AWAY, "lack the scope voices:read"),
        (refused("forbidden", 403), AWAY, "lack a scope"),
        (refused("unauthorized", 401), AWAY, "check OUTDIAL_PARTNER_API_KEY"),
        (refused("token_refused", 401), AWAY, "check OUTDIAL_PARTNER_CLIENT_ID"),
        (refused("not_found", 404), AWAY, "check the id and --business"),
        (refused("not_found", 404, partner_message="Business not found"), AWAY, "; check --busi"),
        (refused("not_found", 404, partner_message="Not Found"), AWAY, "BASE_URL (https://par"),
        (refused("not_found", 404, partner_message="Cannot GET /x"), AWAY, "BASE_URL (https://"),
        (refused("not_found", 404, partner_message=None), AWAY, "check OUTDIAL_PARTNER_BASE_URL"),
        (refused("bad_request", 400), AWAY, "(HTTP 400): Agent is not deployed"),
        (refused("rate_limited", 429, retry_after=7.2), AWAY, "wait 7 s and try again"),
        (refused("rate_limited", 429), AWAY, "wait 60 s and try again"),
        (refused("rejected", 409), AWAY, "(HTTP 409): Agent is not deployed"),
        (Unknown("timeout", "too late"), AWAY, "it may have been done all the same"),
    ],
)
def test_a_sentence_and_what_to_do(error: PartnerError, upstream: Upstream, told: str) -> None:
    fault = explain(error, upstream, acting=True)
    assert told in str(fault)
    assert (fault.reason, fault.code) == (error.code, Exit.FAILED)


def test_a_question_without_an_answer_can_be_asked_again() -> None:
    fault = explain(Unknown("timeout", "too late"), AWAY, acting=False)
    assert str(fault) == "too late; try again"
    assert fault.details == {"may_have_acted": False}


def test_without_a_business_to_name_none_is_asked_for() -> None:
    fault = explain(refused("not_found", 404), AWAY, acting=False, business="")
    assert str(fault).endswith("; check the id")


def test_the_option_for_another_state_is_named() -> None:
    with pytest.raises(CodedError, match="--state PATH"), reported(json=False):
        raise StateMismatchError("the state belongs to another business")


def test_programs_are_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CodedError), reported(json=True):
        raise explain(refused("forbidden", 403, scope="a:b"), AWAY, acting=False)
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["status"], error["scope"]) == ("forbidden", 403, "a:b")


def test_faults_without_a_code_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    for code, name in ((Exit.USAGE, "usage"), (Exit.FAILED, "failed")):
        with pytest.raises(CommandError), reported(json=True):
            raise CommandError("it is broken", code=code)
        assert json.loads(capsys.readouterr().out)["error"]["code"] == name


def test_people_get_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CodedError), reported(json=False):
        raise explain(Unknown("timeout", "too late"), AWAY, acting=False)
    assert capsys.readouterr().out == ""


def test_lacking_scopes_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CodedError, match="tools:create"), reported(json=True):
        raise MissingScopesError(["tools:create"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["scopes"]) == ("missing_scopes", ["tools:create"])


def test_ctrl_c_is_a_fault_with_a_way_on() -> None:
    with (
        pytest.raises(CodedError, match="interrupted; run again") as caught,
        reported(json=False, interrupted="run again"),
    ):
        raise KeyboardInterrupt
    assert caught.value.reason == "interrupted"
