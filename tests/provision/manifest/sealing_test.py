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


@pytest.mark.parametrize(
    ("address", "sealed", "variables"),
    [
        (
            "https://api.example.com/quote?key=hunter2&page=2#top",
            "https://api.example.com/quote?key=${HOOK_KEY}&page=2#top",
            {"HOOK_KEY": "hunter2"},
        ),
        (
            "https://ann:pass@example.com:8443/x?a=${b}",
            "https://${HOOK_USER}@example.com:8443/x?a=$${b}",
            {"HOOK_USER": "ann:pass"},
        ),
        (
            "https://example.com/?X-Sig=a%2Fb;access%5Ftoken=c",
            "https://example.com/?X-Sig=${HOOK_X_SIG};access%5Ftoken=${HOOK_ACCESS_TOKEN}",
            {"HOOK_X_SIG": "a%2Fb", "HOOK_ACCESS_TOKEN": "c"},
        ),
    ],
)
def test_secrets_within_an_address_are_replaced(
    address: str, sealed: str, variables: dict[str, str]
) -> None:
    seal = Seal()
    found = seal.sealed({"url": address}, "hook")
    assert found == {"url": sealed}
    assert isinstance(found["url"], Raw)
    assert seal.used(found) == variables
    assert seal.opened([found]) == [{"url": address}]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a?page=2&key=&q=${x}",
        "https://example.com/ann@home",
        "ask for the key=value",
    ],
)
def test_an_address_without_secrets_stays(address: str) -> None:
    found = Seal().sealed({"url": address}, "hook")["url"]
    assert found == address
    assert not isinstance(found, Raw)
