"""Which Partner API is spoken to: the environment's, else a running sandbox's, else none."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from outdial.machine.home import Home, Runtime
from outdial.speaking.speech import CommandError, Exit
from outdial.upstream.connection import find
from partner import ClientCredentials, StaticKey

URL = "https://partner.example.com/api/partner/v1"
SANDBOX = "http://127.0.0.1:7001"
NOWHERE = Path("/nonexistent")


def home(folder: Path, **kept: object) -> Path:
    """A data folder whose `outdial up` wrote this down."""
    place = Home(folder / "home")
    place.save(Runtime.model_validate(kept))
    return place.path


def running(folder: Path, *, partner: str = f"{SANDBOX}/api/partner/v1", pid: int = 4711) -> Path:
    """A data folder beside a sandbox."""
    return home(folder, pid=pid, addresses={"sandbox": SANDBOX}, partner_base_url=partner)


def test_the_environment_names_address_and_key() -> None:
    found = find({"OUTDIAL_PARTNER_BASE_URL": f"{URL}/", "OUTDIAL_PARTNER_API_KEY": "k"}, NOWHERE)
    assert (found.base_url, found.source, found.local) == (URL, "environment", False)
    assert isinstance(found.credentials, StaticKey)


def test_or_an_oauth_client() -> None:
    environ = {
        "OUTDIAL_PARTNER_BASE_URL": URL,
        "OUTDIAL_PARTNER_CLIENT_ID": "id",
        "OUTDIAL_PARTNER_CLIENT_SECRET": "s",
    }
    assert isinstance(find(environ, NOWHERE).credentials, ClientCredentials)


def test_the_environment_goes_before_a_running_sandbox(tmp_path: Path) -> None:
    environ = {"OUTDIAL_PARTNER_BASE_URL": URL, "OUTDIAL_PARTNER_API_KEY": "k"}
    assert find(environ, running(tmp_path)).base_url == URL


def test_else_the_sandbox_of_a_running_up(tmp_path: Path) -> None:
    found = find({}, running(tmp_path))
    assert (found.base_url, found.source) == (f"{SANDBOX}/api/partner/v1", "outdial up")
    assert found.local


@pytest.mark.parametrize("kept", [{"pid": 0}, {"partner": URL}], ids=["stopped", "real partner"])
def test_a_sandbox_that_nothing_uses_is_not_taken(tmp_path: Path, kept: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="no Partner API to talk to") as caught:
        find({}, running(tmp_path, **kept))  # type: ignore[arg-type] # either of two options
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "export OUTDIAL_PARTNER_BASE_URL and OUTDIAL_PARTNER_API_KEY"),
        ({"OUTDIAL_PARTNER_API_KEY": "k"}, "is set, but not OUTDIAL_PARTNER_BASE_URL"),
        ({"OUTDIAL_PARTNER_BASE_URL": URL}, "no credentials for it"),
        (
            {"OUTDIAL_PARTNER_BASE_URL": URL, "OUTDIAL_PARTNER_CLIENT_ID": "id"},
            "OUTDIAL_PARTNER_CLIENT_SECRET is missing",
        ),
        (
            {"OUTDIAL_PARTNER_BASE_URL": URL, "OUTDIAL_PARTNER_CLIENT_SECRET": "s"},
            "OUTDIAL_PARTNER_CLIENT_ID is missing",
        ),
        (
            {"OUTDIAL_PARTNER_BASE_URL": URL, "OUTDIAL_PARTNER_API_KEY": "a b"},
            "OUTDIAL_PARTNER_API_KEY: the API key must be",
        ),
    ],
)
def test_what_is_missing_is_told(environ: Mapping[str, str], told: str) -> None:
    with pytest.raises(CommandError, match=told) as caught:
        find(environ, NOWHERE)
    assert caught.value.code is Exit.USAGE


def test_an_address_that_cant_be_one_is_told() -> None:
    environ = {
        "OUTDIAL_PARTNER_BASE_URL": "http://partner.example.com/v1",
        "OUTDIAL_PARTNER_API_KEY": "k",
    }
    with pytest.raises(CommandError, match=r"OUTDIAL_PARTNER_BASE_URL: .* must be https"):
        find(environ, NOWHERE).client()


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    environ = {"OUTDIAL_PARTNER_BASE_URL": URL, "OUTDIAL_PARTNER_API_KEY": "pk_hidden"}
    assert "pk_hidden" not in repr(find(environ, tmp_path))
