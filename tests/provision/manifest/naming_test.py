"""Keys made from names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.manifest.naming import Keys
from provision.manifest.records import Keyed


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Google Calendar", "google-calendar"),
        ("transferCall", "transfer-call"),
        ("Éclair & Crème", "eclair-creme"),
        ("日本", "agent"),
        ("", "agent"),
        ("--a--", "a"),
    ],
)
def test_a_key(name: str, key: str) -> None:
    assert Keys().take(name, "agent") == key


def test_keys_are_given_once() -> None:
    keys = Keys()
    assert [keys.take(name, "x") for name in ("A", "a", "a-2", "a")] == [
        "a",
        "a-2",
        "a-2-2",
        "a-3",
    ]


@given(st.lists(st.text(max_size=80), max_size=20))
def test_every_key_can_be_one(names: list[str]) -> None:
    keys = Keys()
    taken = [keys.take(name, "x") for name in names]
    assert len(set(taken)) == len(taken)
    assert all(re.fullmatch(Keyed.KEY, key) for key in taken)
