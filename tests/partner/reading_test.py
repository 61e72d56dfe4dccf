"""The upstream's words, wherever it puts them, and JSON that means harm."""

import json

import pytest

from partner.errors import Unknown
from partner.evidence import make_evidence
from partner.reading import partner_message, read_json, spot_call_id
from partner.transport import Answer


def _answer(body: object, *, coded: bool = False, secrets: tuple[str, ...] = ()) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    evidence = make_evidence(status=200, headers={}, body=content, elapsed=0, secrets=secrets)
    return Answer(status=200, body=content, coded=coded, evidence=evidence, secrets=secrets)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "agent is off duty"}, "agent is off duty"),
        ({"error": "BAD_REQUEST", "message": "agent is off duty"}, "agent is off duty"),
        ({"error": "invalid_client", "error_description": "wrong secret"}, "wrong secret"),
        ({"error": {"code": 1, "message": "off duty"}}, "off duty"),
        ({"message": ["one", 2, "two"]}, "one; two"),
        ({"detail": "off duty"}, "off duty"),
        ({"title": "Off duty"}, "Off duty"),
        ({"message": "", "detail": "off duty"}, "off duty"),
        ({"message": " two\n\tlines\u0000 "}, "two lines\N{REPLACEMENT CHARACTER}"),
        ({"message": 5}, None),
        ({}, None),
        ([], None),
        ("text", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_message_is_found_in_the_usual_places(body: object, words: str | None) -> None:
    assert partner_message(_answer(body)) == words


def test_a_message_is_short_and_keeps_secrets() -> None:
    words = partner_message(_answer({"message": "key-1 " + "x" * 5_000}, secrets=("key-1",)))
    assert words is not None
    assert words.startswith("[secret] x")
    assert len(words) == 500


def test_what_a_database_cannot_hold_is_replaced() -> None:
    body = rb'{"a": "x\u0000y\ud800", "b\u0000": [1e999, NaN, 1.5], "c": "\ud83d\ude00"}'
    assert read_json(_answer(body)) == {
        "a": "x\N{REPLACEMENT CHARACTER}y?",
        "b\N{REPLACEMENT CHARACTER}": [None, None, 1.5],
        "c": "\N{GRINNING FACE}",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b"[" * 62 + b"]" * 62,
        b"[" * 100_000 + b"]" * 100_000,
        b"1" * 5_000,
    ],
)
def test_json_that_means_harm_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unknown, match="unreadable_body"):
        read_json(_answer(body))


def test_a_coded_body_is_not_read() -> None:
    with pytest.raises(Unknown, match="coded"):
        read_json(_answer({}, coded=True))


@pytest.mark.parametrize(
    ("body", "call_id"),
    [
        (b'{"callId": "call-1"}', "call-1"),
        (b'{"success":true,"callId" : "call-1","pho', "call-1"),
        (b'<pre>{"callId":"call-1"}</pre>', "call-1"),
        (b'{"callId": "call-1', None),
        (b'{"callId": null}', None),
        (b'{"callId": 7}', None),
        (b'{"callId": ""}', None),
        (b'{"callId": "two words"}', None),
        (b'{"callId": "a\\u0000"}', None),
        (b"", None),
    ],
)
def test_a_call_id_is_spotted_only_when_whole(body: bytes, call_id: str | None) -> None:
    assert spot_call_id(_answer(body).evidence) == call_id


def test_without_evidence_there_is_no_call_id() -> None:
    assert spot_call_id(None) is None
