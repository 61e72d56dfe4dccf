"""Migrations run from nothing, again without harm, and from several processes at once."""

import asyncio
import subprocess
import sys
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from outdial.machine.database import upgrade
from tests.outdial.host import ask
from tests.support.servers import database


def upgrade_twice_at_once(url: str) -> list[int]:
    """Runs the migrations in two processes and returns their exit codes."""
    code = "import sys; from outdial.machine.database import upgrade; upgrade(sys.argv[1])"
    at_once = [
        subprocess.Popen([sys.executable, "-c", code, url])  # noqa: S603 - code of this test
        for _ in range(2)
    ]
    return [process.wait(60) for process in at_once]


@pytest.mark.asyncio
async def test_an_empty_database_is_brought_to_the_newest_schema() -> None:
    with database(name=f"upgrade_{uuid4().hex}") as url:
        assert upgrade_twice_at_once(url) == [0, 0]
        first = await ask(url, "SELECT version_num FROM alembic_version")
        assert first
        await asyncio.to_thread(upgrade, url)
        assert await ask(url, "SELECT version_num FROM alembic_version") == first


def test_a_password_may_hold_a_percent_sign() -> None:
    with database(name=f"percent_{uuid4().hex}") as url:
        # The same server, its database's name written with an escape.
        parts = make_url(url)
        name = str(parts.database)
        escaped = url.replace(f"/{name}", f"/%{ord(name[0]):02x}{name[1:]}")
        upgrade(escaped)
