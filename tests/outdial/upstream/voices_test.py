"""Voices from the command line: with previews, by id, and what becomes of an unknown one."""

import pytest

from tests.outdial.upstream.beside import Beside


def test_voices_are_listed_with_links_to_listen_to(beside: Beside) -> None:
    told = beside.done("voices", "list")
    for voice in beside.json("voices", "list"):
        assert voice["previewUrl"].startswith("http")
        for shown in (voice["id"], voice["name"], voice["previewUrl"]):
            assert shown in told


def test_one_voice(beside: Beside) -> None:
    first = beside.json("voices", "list")[0]
    assert beside.json("voices", "show", first["id"]) == first
    told = beside.done("voices", "show", first["id"])
    assert first["previewUrl"] in told


def test_a_voice_that_does_not_exist(beside: Beside) -> None:
    error = beside.refused("voices", "show", "voice_none")
    assert (error["code"], error["status"]) == ("not_found", 404)
    assert error["message"].endswith("Voice not found; check the id")


def test_an_address_that_leads_nowhere(beside: Beside) -> None:
    base_url = beside.sandbox.base_url.removesuffix("/v1") + "/v9"
    result = beside.run("voices", "list", OUTDIAL_PARTNER_BASE_URL=base_url)
    assert result.exit_code == 1
    assert result.stderr.endswith(f"check OUTDIAL_PARTNER_BASE_URL ({base_url})\n")


@pytest.mark.parametrize("columns", ["40", "80", "100", "160"])
def test_links_are_whole_at_any_width(beside: Beside, columns: str) -> None:
    told = beside.run("voices", "list", COLUMNS=columns).stdout
    for voice in beside.json("voices", "list"):
        assert voice["id"] in told
        assert voice["previewUrl"] in told
        shown = beside.run("voices", "show", voice["id"], COLUMNS=columns).stdout
        assert voice["previewUrl"] in shown
