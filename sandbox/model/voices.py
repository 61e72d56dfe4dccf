"""What a voice is."""

from typing import Any

from sandbox.model.base import Record


class Voice(Record):
    """A voice of the platform's collection; read-only for callers.

    ``pitch`` is that of its preview, in hertz: the sandbox hums where the platform speaks.
    """

    name: str
    category: str
    description: str
    pitch: float

    def described(self, *, preview_url: str) -> dict[str, Any]:
        """The API's answer for it; ``preview_url`` is where a sample of it is heard."""
        shown = self.model_dump(mode="json", by_alias=True, exclude={"pitch"})
        return shown | {"previewUrl": preview_url}
