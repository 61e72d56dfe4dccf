"""The service as a program of its own, on a free port."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dialer.settings import Settings


def environment(settings: Settings, **changed: str) -> dict[str, str]:
    """The environment of a process of this database, with settings changed."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OUTDIAL_")}
    return {
        **kept,
        "OUTDIAL_DATABASE_URL": settings.database_url.get_secret_value(),
        "OUTDIAL_REDIS_URL": settings.redis_url.get_secret_value(),
        "OUTDIAL_SECRET_KEY": settings.secret_key.get_secret_value(),
        **changed,
    }


@dataclass(frozen=True)
class Running:
    """A started service."""

    process: asyncio.subprocess.Process
    url: str

    async def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


@asynccontextmanager
async def service(told: dict[str, str]) -> AsyncIterator[Running]:
    """Run it until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service", "--port", "0"),
        env=told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        line = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        assert line["event"] == "ready"
        yield Running(process, line["url"])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
