"""The agent's duty as the lanes know it: read, believed for a while, parked and probed."""

from tests.model.database import Database
from tests.model.rows import Organization
from tests.model.scheduler import LostError, Scheduler, rest
from tests.model.world import Upstream

CACHE_SECONDS = 30.0
PROBE_SECONDS = (15.0, 300.0)
"""Parked lanes are probed every 15 s; here more rarely, since most probes show nothing."""

_ASKED_FOR = ("rate_limited", "breaker_open")


class Duty:
    """Reads agents."""

    def __init__(self, scheduler: Scheduler, database: Database, upstream: Upstream) -> None:
        self._s = scheduler
        self._database = database
        self._upstream = upstream

    async def ready(self, organization: Organization) -> bool:
        """Whether a lane may claim now."""
        t = self._s.t
        if organization.parked is None and organization.duty_at > t - CACHE_SECONDS:
            return organization.duty
        if organization.parked is not None and organization.probe_at > t:
            return False
        return await self.check(organization)

    async def check(self, organization: Organization) -> bool:
        """Read an agent afresh and park or resume its lane."""
        s = self._s
        await rest(s.delay(), "agent: read")
        if s.noisy and s.rng.random() < s.profile.lost_before:
            self.park(organization, "agent_unreadable", self._probe())
            raise LostError
        on_duty = organization.id not in self._upstream.off_duty
        self._believe(organization, on_duty)
        return on_duty

    def park(self, organization: Organization, reason: str, seconds: float) -> None:
        """Stop claiming for a lane; a probe follows."""
        s = self._s
        s.stats[f"lane parked: {reason}"] += 1
        probe = s.t + seconds
        if organization.parked in _ASKED_FOR:
            probe = max(probe, organization.probe_at)
        organization.parked = reason
        organization.probe_at = probe
        self._database.alarms.lane(organization, probe)

    def _believe(self, organization: Organization, on_duty: bool) -> None:  # noqa: FBT001 -- what was read
        organization.duty = on_duty
        organization.duty_at = self._s.t
        if not on_duty:
            self.park(organization, "off_duty", self._probe())
        elif organization.parked not in _ASKED_FOR or organization.probe_at <= self._s.t:
            organization.parked = None

    def _probe(self) -> float:
        least, most = PROBE_SECONDS
        return least + (most - least) * self._s.rng.random()
