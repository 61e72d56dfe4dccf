"""Keeps a business's voice agents: makes, changes and deploys them, sets their duty."""

from partner.channel import Channel, Endpoint, path_of
from partner.models.agents import CreateVoiceAgent, UpdateVoiceAgent, VoiceAgent
from partner.models.page import Page, read_changed, read_one, read_page
from partner.walk import Walk

_READ = "voice-agents:read"
_CREATE = "voice-agents:create"
_UPDATE = "voice-agents:update"
_DELETE = "voice-agents:delete"


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
        endpoint = Endpoint(method="GET", path=_path(business_id, agent_id), scope=_READ)
        return read_one(await self._channel.read(endpoint), VoiceAgent)

    async def list_voice_agents(
        self, business_id: str, page: int = 1, page_size: int = 100
    ) -> Page[VoiceAgent]:
        """One page of a business's agents; pages count from 1 and have at most 100 items.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id), scope=_READ)
        answer = await self._channel.read_listed(endpoint, page, page_size)
        return read_page(answer, VoiceAgent, page=page, page_size=page_size)

    def iter_voice_agents(self, business_id: str, *, page_size: int = 100) -> Walk[VoiceAgent]:
        """All of a business's agents, page by page."""
        return Walk(
            lambda page, size: self.list_voice_agents(business_id, page, size),
            page_size=page_size,
        )

    async def create_voice_agent(self, business_id: str, body: CreateVoiceAgent) -> VoiceAgent:
        """Make an agent, which isn't deployed yet. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may exist now; list them before making it again.
        """
        endpoint = Endpoint(method="POST", path=_path(business_id), scope=_CREATE)
        return read_one(await self._channel.write(endpoint, body.body()), VoiceAgent)

    async def update_voice_agent(
        self, business_id: str, agent_id: str, body: UpdateVoiceAgent
    ) -> VoiceAgent:
        """Change an agent; returns it as it is afterwards. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be changed now; read it.
        """
        path = _path(business_id, agent_id)
        return await self._change("PATCH", path, business_id, agent_id, body.body())

    async def delete_voice_agent(self, business_id: str, agent_id: str) -> None:
        """Delete an agent. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act; 404 where it isn't there (any more).
            Unknown: It may be gone; read it.
        """
        path = _path(business_id, agent_id)
        await self._channel.write(Endpoint(method="DELETE", path=path, scope=_DELETE))

    async def deploy_voice_agent(self, business_id: str, agent_id: str) -> VoiceAgent:
        """Give an agent a phone number and put it on duty; returns it as it is afterwards.

        Sent once. A business's number is used again, also when an agent is deployed again.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be live now; read it.
        """
        path = _path(business_id, agent_id, "deploy")
        return await self._change("POST", path, business_id, agent_id)

    async def set_on_duty(self, business_id: str, agent_id: str) -> VoiceAgent:
        """Put an agent on duty, so that it can call; returns it as it is afterwards.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be on duty now; read it.
        """
        path = _path(business_id, agent_id, "on")
        return await self._change("PATCH", path, business_id, agent_id)

    async def set_off_duty(self, business_id: str, agent_id: str) -> VoiceAgent:
        """Take an agent off duty, which stops new calls at once; returns it as it is afterwards.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be off duty now; read it.
        """
        path = _path(business_id, agent_id, "off")
        return await self._change("PATCH", path, business_id, agent_id)

    async def _change(
        self, method: str, path: str, business_id: str, agent_id: str, body: bytes | None = None
    ) -> VoiceAgent:
        endpoint = Endpoint(method=method, path=path, scope=_UPDATE)
        answer = await self._channel.write(endpoint, body)
        return await read_changed(
            answer, VoiceAgent, ask=lambda: self.get_voice_agent(business_id, agent_id)
        )


def _path(business_id: str, *rest: str) -> str:
    return path_of("businesses", business_id, "voice-agents", *rest)
