"""Lists the programs of the tree, and what each is told."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from outdial.embedded.ports import LOOPBACK
from outdial.machine.home import Home
from outdial.tree.child import Program

_PREFIX = "OUTDIAL_"
_PARTNER_PATH = "/api/partner/v1"


@dataclass(frozen=True, kw_only=True)
class SandboxClock:
    """The sandbox's time: `start` at `real_start`, from then on `speed` times as fast.

    Attributes:
        start: An aware instant.
        real_start: Seconds since 1970.
        speed: Virtual seconds in a real one, above 0.
    """

    start: datetime
    real_start: float
    speed: float

    def __str__(self) -> str:
        return f"{self.start:%A %d %B %Y, %H:%M} UTC, {self.speed:g} times as fast"


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What stands before the first program starts.

    Attributes:
        home: The data folder.
        environ: The environment of `outdial up`.
        database_url: SQLAlchemy URL of the database.
        redis_url: URL of the queue.
        secret_key: Encrypts credentials at rest.
        api_port: The loopback port of the API.
        sandbox_port: The loopback port of the sandbox; None where a Partner API is configured.
        sandbox_key: The key of the sandbox's control interface.
        clock: The sandbox's time; None for real time.
    """

    home: Home
    environ: Mapping[str, str]
    database_url: str
    redis_url: str
    secret_key: str
    api_port: int
    sandbox_port: int | None
    sandbox_key: str
    clock: SandboxClock | None

    @property
    def addresses(self) -> dict[str, str]:
        """Base URLs by name, as `Runtime.addresses` keeps them."""
        found = {"api": f"http://{LOOPBACK}:{self.api_port}"}
        if self.sandbox_port is not None:
            found["sandbox"] = f"http://{LOOPBACK}:{self.sandbox_port}"
        return found

    @property
    def partner_base_url(self) -> str:
        """Where calls are placed: the configured Partner API, else the sandbox's."""
        if self.sandbox_port is None:
            return self.environ["OUTDIAL_PARTNER_BASE_URL"]
        return self.addresses["sandbox"] + _PARTNER_PATH


def standard_programs(foundation: Foundation) -> tuple[Program, ...]:
    """Lists what `outdial up` runs, in the order of starting.

    Args:
        foundation: What stands already.

    Returns:
        The sandbox where no Partner API is configured, the API, and a worker.
    """
    sandbox = () if foundation.sandbox_port is None else (_sandbox(foundation),)
    return (*sandbox, _api(foundation), _worker(foundation))


def settings(foundation: Foundation) -> dict[str, str]:
    """Builds the environment of our own processes.

    Args:
        foundation: What stands already.

    Returns:
        The environment of `outdial up` with the settings that it decides, without the Partner
        API's credentials: they read those from the database, where they are encrypted.
    """
    return {
        f"{_PREFIX}LOG_FORMAT": "console",
        **{k: v for k, v in foundation.environ.items() if not _is_credential(k)},
        "PYTHONUNBUFFERED": "1",
        f"{_PREFIX}DATABASE_URL": foundation.database_url,
        f"{_PREFIX}REDIS_URL": foundation.redis_url,
        f"{_PREFIX}SECRET_KEY": foundation.secret_key,
        f"{_PREFIX}HOME": str(foundation.home.path),
    }


def _is_credential(name: str) -> bool:
    return name in {"OUTDIAL_PARTNER_API_KEY", "OUTDIAL_PARTNER_CLIENT_SECRET"}


def _api(foundation: Foundation) -> Program:
    return Program(
        name="api",
        argv=_module("service", "--host", LOOPBACK, "--port", str(foundation.api_port)),
        env=settings(foundation),
    )


def _worker(foundation: Foundation) -> Program:
    return Program(name="worker", argv=_module("workers"), env=settings(foundation))


def _sandbox(foundation: Foundation) -> Program:
    clock = foundation.clock
    told = (
        ()
        if clock is None
        else (
            *("--clock-start", clock.start.isoformat()),
            *("--clock-speed", str(clock.speed)),
            *("--clock-real-start", str(clock.real_start)),
        )
    )
    return Program(
        name="sandbox",
        argv=_module(
            *("sandbox", "--host", LOOPBACK, "--port", str(foundation.sandbox_port)),
            *("--data", str(foundation.home.sandbox)),
            *told,
        ),
        # A stand-in for somebody else's service: it gets none of our secrets.
        env={
            **{k: v for k, v in foundation.environ.items() if not k.startswith(_PREFIX)},
            "PYTHONUNBUFFERED": "1",
            "SANDBOX_CONTROL_KEY": foundation.sandbox_key,
        },
    )


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    # -P: a folder named `service` or `workers` where the user stands must not be run instead.
    return (sys.executable, "-P", "-m", name, *arguments)
