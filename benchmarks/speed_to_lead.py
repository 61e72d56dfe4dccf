"""Speed to lead: from the POST of a lead over HTTP to the ring, on an idle system."""

import asyncio
import time

import httpx2

from benchmarks.measure import Measure
from benchmarks.stack import percentile, stack
from dialer.pipeline.access import setup
from tests.support.people import leads
from tests.support.processes import running
from tests.support.system import System

LEADS = 200
APART_SECONDS = 0.15
MEDIAN_AIM_MS = 40.0
P99_AIM_MS = 150.0


def measure() -> list[Measure]:
    """Post leads one by one, and compare each post's instant with its ring's."""
    return asyncio.run(_measure())


async def _measure() -> list[Measure]:
    async with stack(OUTDIAL_HISTORY_SECONDS="5") as system:
        with running("service", "--port", "0", environment=system.environment) as service:
            posted = await _post_all(system, service["url"])
        rang = {ring["phone"]: ring["real"] for ring in system.sandbox.rings()}
    waits = [(rang[phone] - at) * 1000 for phone, at in posted.items()]
    aims = (("median", 0.5, MEDIAN_AIM_MS), ("p99", 0.99, P99_AIM_MS))
    return [
        Measure(
            name=f"speed_to_lead_{name}",
            value=percentile(waits, share),
            unit="ms",
            reference="the aim",
            reference_value=aim,
        )
        for name, share, aim in aims
    ]


async def _post_all(system: System, url: str) -> dict[str, float]:
    campaign = await system.campaign(cadence={"max_attempts": 1})
    system.start_worker()
    key = await setup.mint_key(
        system.context, organization_id=system.organization_id, name="bench"
    )
    posted = await _post(url, key, str(campaign))
    await asyncio.sleep(2)
    return posted


async def _post(url: str, key: str, campaign: str) -> dict[str, float]:
    posted: dict[str, float] = {}
    everyone = leads(LEADS + 5)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        await asyncio.sleep(4)
        for index, lead in enumerate(everyone):
            at = time.time()
            answer = await client.post("/v1/leads", json={**lead, "campaign_id": campaign})
            answer.raise_for_status()
            # The first few wake everything up: connections, caches, the lane.
            if index >= len(everyone) - LEADS:
                posted[str(lead["phone"])] = at
            await asyncio.sleep(APART_SECONDS)
    return posted
