"""Decides which voices there are and how a preview of each sounds."""

import io
import math
import struct
import wave
from collections.abc import Mapping
from functools import cache

from sandbox.model.voices import Voice

DEFAULT_VOICE_ID = "voice-abc123"
"""The voice of an agent for which none is named."""

SAMPLE_RATE = 8_000
PREVIEW_SECONDS = 0.5
LOUDNESS = 6_000
FADE_SECONDS = 0.05


def _voice(voice_id: str, name: str, category: str, description: str, *, pitch: float) -> Voice:
    return Voice(id=voice_id, name=name, category=category, description=description, pitch=pitch)


VOICES: Mapping[str, Voice] = {
    voice.id: voice
    for voice in (
        _voice("voice-abc123", "Sarah", "conversational", "Friendly and professional", pitch=220),
        _voice("voice-def456", "Michael", "narrative", "Clear and authoritative", pitch=110),
        _voice("voice-ghi789", "Elena", "conversational", "Warm and unhurried", pitch=208),
        _voice("voice-jkl012", "David", "conversational", "Upbeat, quick to the point", pitch=131),
        _voice("voice-mno345", "Grace", "customer support", "Calm and patient", pitch=196),
        _voice("voice-pqr678", "Marcus", "customer support", "Steady, reassuring", pitch=98),
        _voice("voice-stu901", "Amara", "narrative", "Rich, measured storytelling", pitch=175),
        _voice("voice-vwx234", "Theo", "characters", "Bright and playful", pitch=156),
    )
}
"""Every voice by its id; the first two are the guide's."""


@cache
def preview(voice: Voice) -> bytes:
    """Half a second of the voice's pitch: a WAV file, 8 kHz, 16 bits, mono."""
    frames = int(SAMPLE_RATE * PREVIEW_SECONDS)
    samples = [_sample(voice.pitch, frame / SAMPLE_RATE) for frame in range(frames)]
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(struct.pack(f"<{frames}h", *samples))
    return written.getvalue()


def _sample(pitch: float, second: float) -> int:
    # Fading in and out keeps a speaker from clicking.
    fade = min(1.0, second / FADE_SECONDS, (PREVIEW_SECONDS - second) / FADE_SECONDS)
    return round(LOUDNESS * fade * math.sin(2 * math.pi * pitch * second))
