"""Reads the platform's collection of voices."""

from partner.channel import Channel, Endpoint, path_of
from partner.models.page import read_all, read_one
from partner.models.voices import Voice

_READ = "voices:read"


class VoiceEndpoints:
    """The endpoints under ``/voices``."""

    _channel: Channel

    async def list_voices(self) -> tuple[Voice, ...]:
        """Every voice that an agent can have; one without an id is left out.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        answer = await self._channel.read(
            Endpoint(method="GET", path=path_of("voices"), scope=_READ)
        )
        return read_all(answer, Voice)

    async def get_voice(self, voice_id: str) -> Voice:
        """One voice.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where the id is unknown.
            Unknown: No good answer came.
        """
        path = path_of("voices", voice_id)
        answer = await self._channel.read(Endpoint(method="GET", path=path, scope=_READ))
        return read_one(answer, Voice)
