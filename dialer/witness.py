"""Keeps how far the database's counter has come outside the database: in a file and in Valkey.

What is kept here was committed there before, so a database that says less has gone back in time.
Losing either keeper, or both, only loses evidence.
"""

import asyncio
import os
from pathlib import Path
from typing import Protocol
from uuid import UUID

import structlog
from redis.asyncio import Redis

from dialer.wakeups import TROUBLE

_SECONDS = 0.5
_KEY = "outdial:witness"

log = structlog.get_logger(__name__)


class Keeper(Protocol):
    """Keeps a count for a database. Never raises, never waits long."""

    async def recall(self, database_id: UUID) -> int:
        """What was kept last; 0 where that is not known."""
        ...

    async def keep(self, database_id: UUID, count: int) -> None:
        """Keep a count."""
        ...


class FileKeeper:
    """Keeps counts in a folder of this machine, a file for each database."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder

    async def recall(self, database_id: UUID) -> int:
        """What was kept last; 0 where there is no file that can be read."""
        try:
            return int(self._path(database_id).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    async def keep(self, database_id: UUID, count: int) -> None:
        """Replace the file as a whole."""
        path = self._path(database_id)
        fresh = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(str(count), "ascii")
            fresh.replace(path)
        except OSError as error:
            log.warning("witness_not_kept", error=type(error).__name__)

    def _path(self, database_id: UUID) -> Path:
        return self._folder / f"{database_id}.beat"


class ValkeyKeeper:
    """Keeps counts in Redis or Valkey, for the workers of other machines."""

    def __init__(self, *, redis: Redis) -> None:
        self._redis = redis

    async def recall(self, database_id: UUID) -> int:
        """What was kept last; 0 where it can't be asked."""
        try:
            async with asyncio.timeout(_SECONDS):
                return int(await self._redis.get(f"{_KEY}:{database_id}") or 0)
        except (*TROUBLE, ValueError):
            return 0

    async def keep(self, database_id: UUID, count: int) -> None:
        """Keep a count."""
        try:
            async with asyncio.timeout(_SECONDS):
                await self._redis.set(f"{_KEY}:{database_id}", count)
        except TROUBLE as error:
            log.warning("witness_not_kept", error=type(error).__name__)
