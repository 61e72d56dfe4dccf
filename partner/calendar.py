"""Connects a business to a Google Calendar."""

from partner.channel import Channel, Endpoint, path_of
from partner.errors import Refused
from partner.models.calendar import CalendarIntegration, ConnectCalendar
from partner.models.page import read_one

_READ = "integrations:read"
_CREATE = "integrations:create"


class CalendarEndpoints:
    """The endpoints under ``/businesses/:businessId/integrations``."""

    _channel: Channel

    async def get_google_calendar_integration(
        self, business_id: str
    ) -> CalendarIntegration | None:
        """A business's calendar, or None: the upstream answers 404, for a wrong business too.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused, other than by 404.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id), scope=_READ)
        try:
            answer = await self._channel.read(endpoint)
        except Refused as error:
            if error.code == "not_found":
                return None
            raise
        return read_one(answer, CalendarIntegration)

    async def create_google_calendar_integration(
        self, business_id: str, body: ConnectCalendar
    ) -> CalendarIntegration:
        """Share a calendar with the platform, in place of one shared before. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be shared now; read it.
        """
        endpoint = Endpoint(method="POST", path=_path(business_id), scope=_CREATE)
        answer = await self._channel.write(endpoint, body.body(), secrets=body.secrets)
        return read_one(answer, CalendarIntegration)


def _path(business_id: str) -> str:
    return path_of("businesses", business_id, "integrations", "google-calendar")
