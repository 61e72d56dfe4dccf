"""Credentials are checked when they are made, and show no secret."""

import pytest

from partner import ClientCredentials, StaticKey
from tests.partner.clients import KEY, SECRET


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "é", "x" * 8_193])
def test_a_key_that_no_header_can_hold_is_refused_when_made(key: str) -> None:
    for make in (
        lambda: StaticKey(key),
        lambda: ClientCredentials("client", key),
        lambda: ClientCredentials(key, "secret"),
        lambda: ClientCredentials("client", "secret", (key,)),
    ):
        with pytest.raises(ValueError, match="visible ASCII") as caught:
            make()
        assert not key or key not in str(caught.value)


def test_secrets_show_in_no_repr() -> None:
    shown = f"{StaticKey(KEY)!r} {StaticKey(KEY)} {ClientCredentials('client', SECRET)!r}"
    assert KEY not in shown
    assert SECRET not in shown
