"""The question before a call: to which address it may go, its signature, what an answer means.

A campaign may name an address that is asked just before each call whether it may be made. Only a
clear yes lets the call through; whatever can't be read keeps it back.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

MAX_URL = 2_000
MAX_ANSWER = 16 * 1024
"""Bytes of an answer; a longer one isn't read."""

MAX_REASON = 200
PATIENCE_SECONDS = 2.0
"""Real seconds for the whole exchange, looking the name up included."""

REFUSED: Final = "precall_refused"
UNREADABLE: Final = "precall_unreadable"
REFUSED_RETRY = timedelta(minutes=60)
UNREADABLE_RETRY = timedelta(minutes=1)
LONGEST_RETRY_MINUTES = 7 * 24 * 60

SIGNATURE_HEADER = "X-Outdial-Signature"

_OK = 200
_METADATA_6 = IPv6Address("fd00:ec2::254")
"""The one cloud's metadata service that is not link-local."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The call may be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """The call may not be made now.

    Attributes:
        why: `precall_refused` where that was the answer; `precall_unreadable` otherwise.
        said: The answer's own reason, or what could not be read; for people, at most 200
            characters.
        rest: How long the lead waits.
    """

    why: Literal["precall_refused", "precall_unreadable"]
    said: str
    rest: timedelta


def url_faults(url: str) -> list[str]:
    """Say what is wrong with an address to ask, in a sentence each; empty when nothing is.

    It must be https, or http on this machine: what is asked holds people's numbers. Addresses in
    private networks are allowed, since that is where the CRMs of a self-hosted service are; the
    link-local ones, behind which clouds keep their credentials, are not. A name is looked up
    only when it is asked: `peer_fault` judges what it then stands for.
    """
    if len(url) > MAX_URL:
        return [f"an address has at most {MAX_URL:,} characters"]
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        return ["an address is printable ASCII without blanks; encode anything else"]
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ["this is not an address such as https://crm.example.com/may-call"]
    return list(_parts_faults(parts))


def peer_fault(scheme: str, address: str) -> str | None:
    """Say why nothing may be sent to the machine that a connection reached; None where it may.

    Args:
        scheme: Of the address that was asked for.
        address: The machine's own, an IPv4 or IPv6 address.
    """
    try:
        reached = ip_address(address.partition("%")[0])
    except ValueError:
        return "the machine's own address can't be read"
    if isinstance(reached, IPv6Address):
        reached = reached.ipv4_mapped or reached
    if reached.is_link_local or reached == _METADATA_6:
        return "link-local addresses, where clouds keep credentials, are never asked"
    if scheme != "https" and not reached.is_loopback:
        return "without https only this machine is asked"
    return None


def signature(secret: str, body: bytes, *, at: int) -> str:
    """The value of `X-Outdial-Signature`: when, and proof that the asker knows the secret.

    Args:
        secret: Shared with whoever answers.
        body: As it is sent, byte by byte.
        at: Seconds since 1970, by the asker's clock; the answerer refuses an old one.

    Returns:
        `t=<at>,v1=<hex>`: HMAC-SHA-256 (RFC 2104) of `<at>.<body>`.
    """
    signed = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def read_answer(status: int, body: bytes) -> Allowed | NotNow:
    """Read an answer. Only status 200 with `{"allow": true}` lets the call through.

    `{"allow": false, "reason": "...", "retry_after_minutes": 1..10080}` keeps it back for that
    long, an hour by default. Members that are not known don't matter.
    """
    if status != _OK:
        return unreadable(f"it answered with status {status}, not 200")
    if len(body) > MAX_ANSWER:
        return unreadable(f"its answer is longer than {MAX_ANSWER:,} bytes")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return unreadable("its answer is not JSON")
    match answer:
        case {"allow": True}:
            return Allowed()
        case {"allow": False}:
            return _refused(answer)
        case _:
            return unreadable('its answer has no "allow" that is true or false')


def unreadable(said: str) -> NotNow:
    """Nothing that can be read as a yes or a no."""
    return NotNow(why=UNREADABLE, said=said[:MAX_REASON], rest=UNREADABLE_RETRY)


def _refused(answer: Mapping[str, object]) -> NotNow:
    minutes = answer.get("retry_after_minutes")
    if minutes is None:
        minutes = REFUSED_RETRY // timedelta(minutes=1)
    if isinstance(minutes, bool) or not isinstance(minutes, int):
        return unreadable("its retry_after_minutes is not a whole number")
    if not 1 <= minutes <= LONGEST_RETRY_MINUTES:
        return unreadable(f"its retry_after_minutes is not 1 to {LONGEST_RETRY_MINUTES:,}")
    reason = "" if answer.get("reason") is None else answer["reason"]
    if not isinstance(reason, str) or len(reason) > MAX_REASON:
        return unreadable(f"its reason is not text of at most {MAX_REASON} characters")
    shown = "".join(c if c.isprintable() else "?" for c in reason)
    return NotNow(why=REFUSED, said=shown, rest=timedelta(minutes=minutes))


def _parts_faults(parts: SplitResult) -> Iterator[str]:
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host:
        yield "an address begins with https:// and a host, such as https://crm.example.com/"
        return
    if parts.username is not None or parts.password is not None:
        yield "an address has no name or password in it; the signature proves who asks"
    if parts.fragment:
        yield "an address ends before its #"
    if parts.scheme == "http" and not _is_this_machine(host):
        yield "use https; http is only for an address on this machine"
    elif _is_number(host) and (fault := peer_fault(parts.scheme, host)):
        yield fault


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
