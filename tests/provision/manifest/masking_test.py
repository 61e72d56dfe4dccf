"""Secrets in texts."""

from provision.manifest.masking import MASK, masker


def test_every_secret_is_hidden_the_longer_first() -> None:
    mask = masker({"token", "token-long", ""})
    assert mask("a token-long and a token") == f"a {MASK} and a {MASK}"


def test_a_short_secret_is_hidden_where_it_stands_alone() -> None:
    mask = masker({"10"})
    assert mask("10 of 2100, 10") == f"{MASK} of 2100, {MASK}"


def test_without_secrets_nothing_changes() -> None:
    assert masker({""})("a b") == "a b"


def test_a_secret_is_no_pattern() -> None:
    assert masker({"a.*b"})("axxb a.*b") == f"axxb {MASK}"


def test_the_same_secrets_are_not_prepared_again() -> None:
    # A plan asks at every value: a large manifest with many secrets took half a minute.
    assert masker(["token", "other"]) is masker({"other", "token", ""})
