"""What a voice of the platform's collection is."""

from partner.models.base import Listed


class Voice(Listed):
    """A voice that an agent can speak with; read-only.

    Attributes:
        id: What an agent's ``voice_id`` takes.
        category: A word of the platform's, such as conversational or narrative.
        preview_url: Where a sample can be heard.
    """

    name: str | None = None
    category: str | None = None
    description: str | None = None
    preview_url: str | None = None
