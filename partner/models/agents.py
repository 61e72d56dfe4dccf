"""What a voice agent is, as far as calling needs to know."""

from pydantic import StrictBool

from partner.models.base import Identifier, Instant, Received


class VoiceAgent(Received):
    """A voice agent; everything that isn't named here is kept in ``model_extra``.

    Attributes:
        type: INBOUND or OUTBOUND; only the latter can call.
        phone_number: The number it calls from, E.164; only once deployed.
        on_duty: Whether it may call now; only once deployed.
    """

    id: Identifier
    business_id: str | None = None
    name: str | None = None
    type: str | None = None
    phone_number: str | None = None
    on_duty: StrictBool | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None

    @property
    def deployed(self) -> bool:
        """Whether it went live: the guide adds a number and a duty only then."""
        return self.phone_number is not None or self.on_duty is not None
