"""Access tokens: good, forged, expired, revoked, from before a restart."""

import pytest

from sandbox.clock import VirtualClock
from sandbox.tokens import Caller, Tokens, digest

CALLER = Caller(organization_id="org_demo", scopes=frozenset({"calls:read"}))


def _tokens(key: bytes = b"k" * 32) -> Tokens:
    return Tokens(clock=VirtualClock(), key=key)


def test_a_token_says_who_holds_it_even_to_a_successor() -> None:
    token = _tokens().issue(CALLER)
    assert _tokens().read(token) == CALLER


def test_a_token_of_another_sandbox_is_not_ours() -> None:
    assert _tokens().read(_tokens(b"x" * 32).issue(CALLER)) is None


def test_an_expired_token_is_not_good() -> None:
    tokens = _tokens()
    tokens.lifetime = 0
    assert tokens.read(tokens.issue(CALLER)) is None


def test_revoked_tokens_are_not_good() -> None:
    tokens = _tokens()
    token = tokens.issue(CALLER)
    tokens.revoke_all()
    assert tokens.read(token) is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.x", "a.é", "....", "bm8." + "0" * 64])
def test_what_was_never_issued_is_not_good(token: str) -> None:
    assert _tokens().read(token) is None


def test_a_changed_token_is_not_good() -> None:
    token = _tokens().issue(CALLER)
    assert _tokens().read("A" + token[1:]) is None


def test_a_digest_does_not_tell_the_secret() -> None:
    assert digest("sandbox-key") != digest("sandbox-kez")
    assert "sandbox" not in digest("sandbox-key")
