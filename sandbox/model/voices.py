"""What a voice is."""

from sandbox.model.base import Record


class Voice(Record):
    """A voice of the platform's collection; read-only for callers."""

    name: str
    category: str
    description: str
    preview_url: str
