"""Variables in place of secrets."""

import pytest

from provision.manifest.emitting import Raw
from provision.manifest.sealing import Seal


@pytest.mark.parametrize(
    "name",
    ["Authorization", "accessToken", "client_secret", "X-Api-Key", "apiKey", "PASSWORD"],
)
def test_a_secret_is_replaced(name: str) -> None:
    seal = Seal()
    sealed = seal.sealed({"headers": {name: "s3cret"}, "url": "u"}, "lookup")
    variable = sealed["headers"][name]
    assert isinstance(variable, Raw)
    assert sealed["url"] == "u"
    assert seal.used(sealed) == {variable[2:-1]: "s3cret"}
    assert variable.startswith("${LOOKUP_")


def test_what_is_no_text_or_no_secret_stays() -> None:
    value = {"token": {"type": "string"}, "tokens": 5, "secret": "", "list": ["a", {"b": 1}]}
    assert Seal().sealed(value, "x") == value


def test_different_secrets_get_different_variables() -> None:
    seal = Seal()
    sealed = seal.sealed([{"token": "a"}, {"token": "b"}, {"token": "a"}], "9 x")
    names = [one["token"] for one in sealed]
    assert names == ["${SECRET_9_X_TOKEN}", "${SECRET_9_X_TOKEN_2}", "${SECRET_9_X_TOKEN}"]
    assert set(seal.used(sealed).values()) == {"a", "b"}


def test_only_variables_that_stand_in_the_document_count() -> None:
    seal = Seal()
    sealed = seal.sealed({"a": {"token": "1"}, "b": {"token": "2"}}, "t")
    assert list(seal.used(sealed["a"]).values()) == ["1"]


def test_depth_has_an_end() -> None:
    deep: dict[str, object] = {"token": "x"}
    for _ in range(200):
        deep = {"a": deep}
    assert Seal().sealed(deep, "x") == deep
