"""The collection of voices, and how each of them hums."""

import io
import struct
import wave
from itertools import pairwise

import pytest

from sandbox.catalog.voices import DEFAULT_VOICE_ID, VOICES, preview
from sandbox.model.voices import Voice


def test_the_default_voice_is_in_the_collection() -> None:
    assert VOICES[DEFAULT_VOICE_ID].name == "Sarah"


def test_no_two_voices_are_called_or_sound_the_same() -> None:
    assert len({voice.name.lower() for voice in VOICES.values()}) == len(VOICES)
    assert len({voice.pitch for voice in VOICES.values()}) == len(VOICES)


@pytest.mark.parametrize("voice", VOICES.values(), ids=lambda voice: voice.name)
def test_a_preview_hums_at_the_voices_pitch(voice: Voice) -> None:
    with wave.open(io.BytesIO(preview(voice))) as sound:
        shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
        frames = sound.readframes(sound.getnframes())
    samples = struct.unpack(f"<{len(frames) // 2}h", frames)
    rising = sum(before < 0 <= after for before, after in pairwise(samples))
    assert shape == (1, 2, 8_000)
    assert rising / 0.5 == pytest.approx(voice.pitch, abs=3)
    assert 5_000 < max(samples) <= 6_000
    assert abs(samples[0]) < 100
    assert abs(samples[-1]) < 100


def test_a_preview_is_made_once() -> None:
    voice = VOICES[DEFAULT_VOICE_ID]
    assert preview(voice) is preview(voice)
