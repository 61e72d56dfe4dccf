"""Reads voice agents and puts them on and off duty."""

from partner.channel import Channel, Endpoint, path_of
from partner.errors import Unknown
from partner.models.agents import VoiceAgent
from partner.models.page import Page, read_one, read_page

_READ = "voice-agents:read"
_UPDATE = "voice-agents:update"


class AgentEndpoints:
    """The endpoints under ``/businesses/:businessId/voice-agents``, the call excepted."""

    _channel: Channel

    async def get_voice_agent(self, business_id: str, agent_id: str) -> VoiceAgent:
        """One agent.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where either id is unknown.
            Unknown: No good answer came.
        """
        path = path_of("businesses", business_id, "voice-agents", agent_id)
        answer = await self._channel.read(Endpoint(method="GET", path=path, scope=_READ))
        return read_one(answer, VoiceAgent)

    async def list_voice_agents(
        self, business_id: str, page: int = 1, page_size: int = 100
    ) -> Page[VoiceAgent]:
        """One page of a business's agents; pages count from 1 and have at most 100 items.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        path = path_of("businesses", business_id, "voice-agents")
        answer = await self._channel.read(
            Endpoint(method="GET", path=path, scope=_READ),
            (("page", str(page)), ("page_size", str(page_size))),
        )
        return read_page(answer, VoiceAgent, page=page, page_size=page_size)

    async def set_on_duty(self, business_id: str, agent_id: str) -> VoiceAgent:
        """Put an agent on duty, so that it can call; returns it as it is afterwards.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be on duty now; read it.
        """
        return await self._set_duty(business_id, agent_id, "on")

    async def set_off_duty(self, business_id: str, agent_id: str) -> VoiceAgent:
        """Take an agent off duty, which stops new calls at once; returns it as it is afterwards.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be off duty now; read it.
        """
        return await self._set_duty(business_id, agent_id, "off")

    async def _set_duty(self, business_id: str, agent_id: str, duty: str) -> VoiceAgent:
        path = path_of("businesses", business_id, "voice-agents", agent_id, duty)
        answer = await self._channel.write(Endpoint(method="PATCH", path=path, scope=_UPDATE))
        try:
            return read_one(answer, VoiceAgent)
        except Unknown:
            # The guide doesn't say what this endpoint answers; its success is in the status.
            return await self.get_voice_agent(business_id, agent_id)
