"""Voices from the command line: with previews, by id, and what becomes of an unknown one."""

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
