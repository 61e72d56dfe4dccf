"""The question before a call: addresses, the signature, and what an answer means."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.precall import (
    LONGEST_RETRY_MINUTES,
    MAX_ANSWER,
    MAX_REASON,
    MAX_URL,
    REFUSED,
    UNREADABLE,
    Allowed,
    NotNow,
    peer_fault,
    read_answer,
    signature,
    url_faults,
)

GOOD = (
    "https://crm.example.com/may-call",
    "https://crm.example.com:8443/a?b=c",
    "https://10.1.2.3/x",
    "https://[fd12::1]/x",
    "http://127.0.0.1:8000/x",
    "http://localhost/x",
    "http://[::1]:9/x",
)
BAD = (
    "",
    "crm.example.com",
    "ftp://crm.example.com/",
    "file:///etc/passwd",
    "https://",
    "http://crm.example.com/",
    "http://10.1.2.3/x",
    "https://user:word@crm.example.com/",
    "https://user@crm.example.com/",
    "https://crm.example.com/#x",
    "https://crm.example.com/ x",
    "https://crm.example.com/\n",
    "https://crm.example.com/\u00e9",
    "https://crm.example.com:99999/",
    "https://[::1/",
    "https://169.254.169.254/latest/meta-data",
    "http://169.254.169.254/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://[::ffff:169.254.169.254]/",
    "https://crm.example.com/" + "x" * MAX_URL,
)


@pytest.mark.parametrize("url", GOOD)
def test_an_address_that_may_be_asked(url: str) -> None:
    assert url_faults(url) == []


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_may_not_is_told_why(url: str) -> None:
    faults = url_faults(url)
    assert faults
    assert all(len(fault) < 200 for fault in faults)


@given(st.text(max_size=300))
def test_no_text_is_more_than_a_fault(text: str) -> None:
    assert all(isinstance(fault, str) for fault in url_faults(text))


@pytest.mark.parametrize(
    ("scheme", "address", "allowed"),
    [
        ("https", "203.0.113.9", True),
        ("https", "10.0.0.5", True),
        ("https", "127.0.0.1", True),
        ("http", "127.0.0.1", True),
        ("http", "::1", True),
        ("http", "10.0.0.5", False),
        ("http", "203.0.113.9", False),
        ("https", "169.254.169.254", False),
        ("https", "169.254.0.1", False),
        ("https", "fe80::1%eth0", False),
        ("https", "::ffff:169.254.169.254", False),
        ("https", "fd00:ec2::254", False),
        ("https", "", False),
        ("https", "crm.example.com", False),
    ],
)
def test_the_machine_that_was_reached_is_judged(
    scheme: str, address: str, *, allowed: bool
) -> None:
    assert (peer_fault(scheme, address) is None) == allowed


def test_the_signature_is_that_of_the_bytes_and_the_time() -> None:
    body = b'{"phone":"+12125550142"}'
    proof = hmac.new(b"invented", b"1772559000." + body, hashlib.sha256).hexdigest()
    assert signature("invented", body, at=1772559000) == f"t=1772559000,v1={proof}"
    assert signature("invented", body, at=1772559001) != signature("invented", body, at=1772559000)
    assert signature("another", body, at=1) != signature("invented", body, at=1)


def _answer(status: int = 200, **members: object) -> Allowed | NotNow:
    return read_answer(status, json.dumps(members).encode())


def test_only_a_clear_yes_lets_the_call_through() -> None:
    assert _answer(allow=True) == Allowed()
    assert _answer(allow=True, reason="x", more=[1]) == Allowed()


def test_a_no_keeps_it_back_for_as_long_as_it_says() -> None:
    assert _answer(allow=False) == NotNow(why=REFUSED, said="", rest=timedelta(minutes=60))
    assert _answer(allow=False, reason=None, retry_after_minutes=None) == _answer(allow=False)
    assert _answer(allow=False, reason="In a meeting", retry_after_minutes=5) == NotNow(
        why=REFUSED, said="In a meeting", rest=timedelta(minutes=5)
    )
    longest = _answer(allow=False, retry_after_minutes=LONGEST_RETRY_MINUTES)
    assert isinstance(longest, NotNow)
    assert longest.rest == timedelta(days=7)


def test_what_a_reason_hides_is_shown() -> None:
    answer = read_answer(200, b'{"allow": false, "reason": "a\\u0000\\ud800\\u202e\\nb"}')
    assert isinstance(answer, NotNow)
    assert answer.said == "a????b"


UNREADABLE_BODIES = (
    *(b"", b"yes", b"true", b"[]", b"{}", b"[true]", b"\xff\xfe", b'{"allow": 1}'),
    *(b'{"allow": "true"}', b'{"allow": null}', b'{"Allow": true}', b"[" * 9_000),
    b'{"allow": true' + b" " * MAX_ANSWER + b"}",
    b'{"allow": false, "retry_after_minutes": 0}',
    b'{"allow": false, "retry_after_minutes": 10081}',
    b'{"allow": false, "retry_after_minutes": 1.5}',
    b'{"allow": false, "retry_after_minutes": true}',
    b'{"allow": false, "retry_after_minutes": "5"}',
    b'{"allow": false, "reason": 7}',
    json.dumps({"allow": False, "reason": "x" * (MAX_REASON + 1)}).encode(),
)


@pytest.mark.parametrize("body", UNREADABLE_BODIES, ids=range(len(UNREADABLE_BODIES)))
def test_whatever_else_is_no_yes(body: bytes) -> None:
    answer = read_answer(200, body)
    assert isinstance(answer, NotNow)
    assert (answer.why, answer.rest) == (UNREADABLE, timedelta(minutes=1))
    assert answer.said


@pytest.mark.parametrize("status", [100, 201, 202, 204, 301, 307, 400, 401, 404, 500, 503])
def test_a_yes_with_another_status_is_none(status: int) -> None:
    answer = _answer(status, allow=True)
    assert isinstance(answer, NotNow)
    assert answer.why == UNREADABLE


@given(st.binary(max_size=400), st.integers(100, 599))
def test_no_bytes_are_taken_for_a_yes_or_raise(body: bytes, status: int) -> None:
    assert isinstance(read_answer(status, body), NotNow)
