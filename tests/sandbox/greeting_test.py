"""What is said once it listens: addresses that work, and no secret that was chosen."""

import json
import re
from pathlib import Path

import pytest

from sandbox.clock import VirtualClock
from sandbox.control.gate import PUBLISHED_KEY
from sandbox.greeting import MANIFEST, Greeting, reachable
from tests.support.sandbox import ROOT

URL = "http://127.0.0.1:8700"


def _greeting(key: str = PUBLISHED_KEY, folder: Path | None = None) -> Greeting:
    return Greeting(clock=VirtualClock(speed=60.0), control_key=key, folder=folder)


def test_programs_are_told_in_one_line() -> None:
    said = _greeting().for_programs(URL)
    assert "\n" not in said
    assert json.loads(said) == {
        "event": "ready",
        "url": URL,
        "base_url": f"{URL}/api/partner/v1",
    }


def test_people_can_copy_what_the_settings_are_called() -> None:
    said = _greeting().for_people(URL)
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    exports = dict(re.findall(r"^  export (\w+)=(\S+)$", said, re.MULTILINE))
    assert exports == {
        "OUTDIAL_PARTNER_BASE_URL": f"{URL}/api/partner/v1",
        "OUTDIAL_PARTNER_API_KEY": "sandbox-key",
    }
    assert all(f"`{name}`" in settings for name in exports)
    assert f"outdial agents apply {MANIFEST}" in said
    assert f"{URL}/sandbox/" in said
    assert "60 times real time" in said


def test_the_published_key_is_told_and_a_chosen_one_is_not() -> None:
    assert PUBLISHED_KEY in _greeting().for_people(URL)
    said = _greeting("chosen-key").for_people(URL)
    assert "chosen-key" not in said
    assert PUBLISHED_KEY not in said


def test_it_says_where_state_is_kept(tmp_path: Path) -> None:
    assert "--data" in _greeting().for_people(URL)
    assert str(tmp_path) in _greeting(folder=tmp_path).for_people(URL)


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        (URL, URL),
        ("http://[::1]:8700", "http://[::1]:8700"),
        ("http://0.0.0.0:8700", URL),
        ("http://[::]:8700", "http://[::1]:8700"),
        ("http://192.0.2.1:80", "http://192.0.2.1:80"),
    ],
)
def test_an_address_that_can_be_typed(url: str, typed: str) -> None:
    assert reachable(url) == typed
