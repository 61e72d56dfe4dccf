"""Voices: the list, one of them, and the sound of each."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.catalog.voices import VOICES, preview
from sandbox.errors import missing
from sandbox.faults import Target
from sandbox.model.voices import Voice

READ = "voices:read"
PREVIEW_HEADERS = {"Cache-Control": "public, max-age=86400"}


class VoiceRoutes:
    """The voice routes; the previews need no key, as a sound behind a plain link.

    Args:
        access: Lets callers in.
    """

    def __init__(self, *, access: Access) -> None:
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix, and the previews outside of it."""
        return [
            Route(f"{prefix}/voices", self.listed, methods=["GET"]),
            Route(f"{prefix}/voices/{{voice_id}}", self.one, methods=["GET"]),
            Route("/sandbox/previews/{voice_id}.wav", self.preview, methods=["GET"]),
        ]

    async def listed(self, request: Request) -> Response:
        """Every voice: a bare array, as the guide shows it."""
        self._access.caller(request, READ, Target.VOICES)
        await self._access.misbehave(request, Target.VOICES, READ)
        return json_answer([_shown(request, voice) for voice in VOICES.values()])

    async def one(self, request: Request) -> Response:
        """One voice."""
        self._access.caller(request, READ, Target.VOICES)
        await self._access.misbehave(request, Target.VOICES, READ)
        return json_answer(_shown(request, _voice(request)))

    async def preview(self, request: Request) -> Response:
        """How a voice sounds: a short WAV file."""
        return Response(preview(_voice(request)), headers=PREVIEW_HEADERS, media_type="audio/wav")


def _voice(request: Request) -> Voice:
    voice = VOICES.get(str(request.path_params["voice_id"]))
    if voice is None:
        raise missing("Voice")
    return voice


def _shown(request: Request, voice: Voice) -> dict[str, object]:
    # As the caller reached the sandbox, so can it reach the sound, through any port mapping.
    return voice.described(preview_url=f"{request.base_url}sandbox/previews/{voice.id}.wav")
