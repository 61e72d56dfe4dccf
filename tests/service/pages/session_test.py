"""Signed links and cookies: each opens what it was made for, for as long as it was made for."""

from uuid import uuid4

import pytest

from service.pages.session import (
    LOGIN_SECONDS,
    Session,
    csrf_token,
    is_csrf_token,
    login_token,
    read_login_token,
    seal,
    unseal,
)

SECRET = "a-secret-key"
ORGANIZATION = uuid4()
NOW = 1_800_000_000.0


def test_a_link_opens_its_organization_until_it_is_over() -> None:
    token = login_token(SECRET, ORGANIZATION, NOW)
    assert read_login_token(SECRET, token, NOW) == ORGANIZATION
    assert read_login_token(SECRET, token, NOW + LOGIN_SECONDS - 1) == ORGANIZATION
    assert read_login_token(SECRET, token, NOW + LOGIN_SECONDS) is None


@pytest.mark.parametrize("key_id", [None, uuid4()])
def test_a_session_comes_back_as_it_was_sealed(key_id: object) -> None:
    session = Session(organization_id=ORGANIZATION, key_id=key_id, expires_at=NOW + 60)  # type: ignore[arg-type]  # parametrized
    cookie = seal(SECRET, session)
    assert unseal(SECRET, cookie, NOW) == session
    assert unseal(SECRET, cookie, NOW + 60) is None


def test_a_link_is_no_cookie_and_a_cookie_no_link() -> None:
    cookie = seal(SECRET, Session(organization_id=ORGANIZATION, key_id=None, expires_at=NOW + 60))
    assert read_login_token(SECRET, cookie, NOW) is None
    assert unseal(SECRET, login_token(SECRET, ORGANIZATION, NOW), NOW) is None


@pytest.mark.parametrize(
    "forged", ["", ".", "x", "x.y", "\u00e9.x", "a" * 2_000, "e30.", "=.=", "\x00.\x00"]
)
def test_forgeries_open_nothing(forged: str) -> None:
    assert read_login_token(SECRET, forged, NOW) is None
    assert unseal(SECRET, forged, NOW) is None


def test_every_changed_character_and_every_other_key_is_noticed() -> None:
    token = login_token(SECRET, ORGANIZATION, NOW)
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert read_login_token(SECRET, token[:place] + other + token[place + 1 :], NOW) is None
    assert read_login_token("another-key", token, NOW) is None


def test_a_forms_token_belongs_to_its_session() -> None:
    assert is_csrf_token(SECRET, "cookie", csrf_token(SECRET, "cookie"))
    assert not is_csrf_token(SECRET, "other", csrf_token(SECRET, "cookie"))
    assert not is_csrf_token(SECRET, "cookie", "")
    assert not is_csrf_token(SECRET, "cookie", "é")
