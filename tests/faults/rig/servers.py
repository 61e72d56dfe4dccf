"""PostgreSQL and Valkey that belong to the fault tests alone: they are killed and restarted."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey
from outdial.machine.database import upgrade
from tests.faults.rig.nursery import Nursery
from tests.support.servers import create_database, drop_database, watch

TEMPLATE = "faults_template"


@dataclass(eq=False)
class Servers:
    """One of each, on ports that they keep over a restart; and what forks our programs."""

    folder: Path
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    nursery: Nursery
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def start(self) -> None:
        """Start both, and make the template to copy."""
        upgrade(create_database(self.postgres.start(), TEMPLATE))
        watch(self.postgres.pid)
        self.valkey.start()
        watch(self.valkey.pid)

    async def database(self) -> tuple[str, str]:
        """A new migrated database: its URL and its name."""
        name = f"faults_{next(self._numbers)}"
        url = await asyncio.to_thread(self.postgres.start)
        made = await asyncio.to_thread(create_database, url, name, TEMPLATE)
        return made, name

    async def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        url = await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(drop_database, url, name)

    async def restart_postgres(self) -> None:
        """Stop PostgreSQL, fast, and start it on the same port."""
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)
        watch(self.postgres.pid)

    async def restart_valkey(self) -> None:
        """Stop Valkey and start it on the same port."""
        await asyncio.to_thread(self.valkey.stop)
        await asyncio.to_thread(self.valkey.start)
        watch(self.valkey.pid)


@contextmanager
def servers() -> Iterator[Servers]:
    """Run both; remove their data at the end."""
    folder = Path(tempfile.mkdtemp(prefix="outdial-faults-"))
    # PostgreSQL's own account must be able to reach its folder.
    folder.chmod(0o711)
    with Nursery() as nursery:
        made = Servers(
            folder,
            EmbeddedPostgres(directory=folder / "postgres", fast=True),
            EmbeddedValkey(directory=folder / "valkey"),
            nursery,
        )
        try:
            made.start()
            yield made
        finally:
            made.valkey.stop()
            made.postgres.stop()
            shutil.rmtree(folder, ignore_errors=True)
