"""Voices: a bare list, single ones, and previews that sound."""

import io
import wave

import httpx2
import pytest

from tests.sandbox.worlds import Tenant, client
from tests.support.sandbox import SandboxProcess

PATHS = ["/voices", "/voices/voice-abc123"]


def test_voices_are_a_bare_array(api: httpx2.Client) -> None:
    answer = api.get("/voices")
    assert answer.status_code == 200
    voices = answer.json()
    assert isinstance(voices, list)
    assert len(voices) == 8
    for voice in voices:
        assert set(voice) == {"id", "name", "category", "description", "previewUrl"}
        assert all(isinstance(value, str) and value for value in voice.values())


def test_the_guides_voices_are_there(api: httpx2.Client) -> None:
    shown = {voice["id"]: voice for voice in api.get("/voices").json()}
    sarah, michael = shown["voice-abc123"], shown["voice-def456"]
    assert (sarah["name"], sarah["category"]) == ("Sarah", "conversational")
    assert (michael["name"], michael["category"]) == ("Michael", "narrative")


def test_one_voice_is_as_in_the_list(api: httpx2.Client) -> None:
    for voice in api.get("/voices").json():
        assert api.get(f"/voices/{voice['id']}").json() == voice


def test_an_unknown_voice_is_404(api: httpx2.Client) -> None:
    answer = api.get("/voices/voice-nobody")
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_every_preview_is_a_sound_and_needs_no_key(api: httpx2.Client) -> None:
    sounds = set()
    for voice in api.get("/voices").json():
        answer = httpx2.get(voice["previewUrl"], trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/wav"
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert sound.getnframes() / sound.getframerate() == pytest.approx(0.5)
        sounds.add(answer.content)
    assert len(sounds) == 8


def test_a_preview_is_where_the_caller_found_the_sandbox(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    assert api.get(PATHS[1]).json()["previewUrl"].startswith(f"{sandbox.url}/sandbox/previews/")
    mapped = api.get(PATHS[1], headers={"Host": "voices.example.com:8080"}).json()
    assert mapped["previewUrl"].startswith("http://voices.example.com:8080/sandbox/previews/")


def test_an_unknown_preview_is_404(sandbox: SandboxProcess) -> None:
    answer = httpx2.get(f"{sandbox.url}/sandbox/previews/nobody.wav", trust_env=False)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_voices_need_a_key_with_voices_read(sandbox: SandboxProcess, path: str) -> None:
    assert httpx2.get(sandbox.base_url + path, trust_env=False).status_code == 401
    tenant = Tenant(sandbox)
    key = f"{tenant.key}-tools"
    sandbox.add(
        "credentials", organization_id=tenant.organization, api_key=key, scopes=["tools:read"]
    )
    with client(sandbox, key) as api:
        answer = api.get(path)
    assert answer.status_code == 403
    assert answer.json()["message"] == "Missing required scope: voices:read"


@pytest.mark.parametrize("path", PATHS)
def test_faults_strike_voices(sandbox: SandboxProcess, api: httpx2.Client, path: str) -> None:
    sandbox.fault("rate_limit", route="voices", count=1, retry_after="7")
    answer = api.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert api.get(path).status_code == 200
