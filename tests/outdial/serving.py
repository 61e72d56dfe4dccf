"""Runs the real service for tests of commands, and the commands as a person runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from outdial.main import app
from outdial.speaking.client import Client, Target
from tests.outdial.host import CHECKOUT

PATIENCE = 60.0
COMMAND = (sys.executable, "-c", "from outdial.main import run; run()")


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A running service.

    Attributes:
        target: Its address, and a key for everything.
        environ: What it was told.
    """

    target: Target
    environ: Mapping[str, str]

    def client(self) -> Client:
        """A client of it; to be closed."""
        return Client(target=self.target, pause=lambda _seconds: None)

    def run(self, *arguments: str) -> Result:
        """Runs `outdial` against it."""
        return run(*arguments, OUTDIAL_URL=self.target.url, OUTDIAL_API_KEY=self.target.key)

    def campaign(self, name: str) -> str:
        """Makes a draft of a campaign and returns its id."""
        with self.client() as client:
            made = client.post(
                "/v1/campaigns",
                {
                    "name": name,
                    "partner_business_id": "biz_demo",
                    "partner_agent_id": "agent_demo",
                },
            )
        return str(made["id"])


def run(*arguments: str, **environ: str) -> Result:
    """Runs `outdial` in this process, far from any data folder.

    Args:
        arguments: The command line.
        environ: Variables; those of Outdial that are set here are taken away.
    """
    away = dict.fromkeys(name for name in os.environ if name.startswith("OUTDIAL_"))
    plain: dict[str, str | None] = {"OUTDIAL_HOME": "/nonexistent", "COLUMNS": "200"}
    return CliRunner().invoke(app, list(arguments), env={**away, **plain, **environ})


@contextmanager
def serving(
    *, database_url: str, redis_url: str, home: Path, secret_key: str | None = None
) -> Iterator[Serving]:
    """Runs `python -m service` on a migrated database.

    Args:
        database_url: The database.
        redis_url: The queue.
        home: A folder of its own.
        secret_key: That of the database; a new one if left out.
    """
    environ = {
        "OUTDIAL_DATABASE_URL": database_url,
        "OUTDIAL_REDIS_URL": redis_url,
        "OUTDIAL_SECRET_KEY": secret_key or Fernet.generate_key().decode(),
        "OUTDIAL_HOME": str(home),
        "OUTDIAL_LOG_LEVEL": "warning",
    }
    made = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, "init", "--json", "--new-key"],
        env={**os.environ, **environ},
        cwd=CHECKOUT,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "--port", "0"],
        env={**os.environ, **environ},
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        key = json.loads(made.stdout)["api_key"]
        yield Serving(target=Target(url=url, key=key), environ=environ)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()
