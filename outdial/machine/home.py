"""Keeps the data folder of one Outdial: who may read it, what lies in it, who runs in it.

```
.outdial/            0700; made by root 0710, for the group of the database server's account
  secret.key         encrypts credentials at rest; losing it means entering them again
  runtime.json       addresses, keys and processes of the running, or last, tree
  lock               held by the running `outdial up`
  postgres/ valkey/ sandbox/
```
"""

import base64
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outdial.embedded.accounts import Account
from outdial.machine.files import create_private, read_small, write_private
from outdial.machine.processes import ProcessStamp


class HomeError(Exception):
    """The data folder can't be used."""

    code = "home"


class AlreadyRunningError(HomeError):
    """Another `outdial up` runs in this folder."""

    code = "already_running"

    def __init__(self, *, path: Path, pid: int, address: str) -> None:
        """Says who runs and where.

        Args:
            path: The data folder.
            pid: The other's process id.
            address: Where it answers; empty while it is starting.
        """
        where = f"at {address}" if address else "and is still starting"
        super().__init__(f"Outdial already runs in {path} {where} (process {pid})")
        self.pid = pid
        self.address = address


class RecordedProcess(BaseModel):
    """A child that the next start must end if its parent couldn't.

    Attributes:
        name: What it is, for people.
        pid: Its process id.
        started: When it started, as `ProcessStamp` tells it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    started: str

    @property
    def stamp(self) -> ProcessStamp:
        """The process, recognisable even after its id was reused."""
        return ProcessStamp(pid=self.pid, started=self.started)


class Runtime(BaseModel):
    """What the running tree tells the commands beside it; kept after it stops.

    Attributes:
        pid: The process id of `outdial up`; 0 once it has stopped.
        addresses: Base URLs by name: `api`, and `sandbox` where there is one.
        database_url: SQLAlchemy URL, password included.
        redis_url: Redis URL, password included.
        api_key: The key that the first start made, or None.
        organization_id: The organization that the key is of, or None.
        partner_base_url: Where calls are placed, or None.
        sandbox_key: The key of the sandbox's control interface, or None.
        processes: The children, in the order of their start.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int = 0
    addresses: dict[str, str] = Field(default_factory=dict)
    database_url: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)
    api_key: str | None = Field(default=None, repr=False)
    organization_id: str | None = None
    partner_base_url: str | None = None
    sandbox_key: str | None = Field(default=None, repr=False)
    processes: tuple[RecordedProcess, ...] = ()


class Home:
    """The data folder, created where missing."""

    def __init__(self, path: Path) -> None:
        """Opens or creates the folder.

        Args:
            path: The folder, `.outdial` by habit. Its parent must exist.

        Raises:
            HomeError: It belongs to another user, or others may write to it.
        """
        _make(path)
        self.path = path.resolve()
        _check(self.path)

    @property
    def postgres(self) -> Path:
        """The folder of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """The folder of the embedded Valkey."""
        return self.path / "valkey"

    @property
    def sandbox(self) -> Path:
        """The folder of the sandbox's records."""
        return self.path / "sandbox"

    def secret_key(self) -> str:
        """Reads the key that encrypts credentials at rest, making it at the first call.

        Returns:
            32 random bytes in URL-safe base64.
        """
        file = self.path / "secret.key"
        if not file.exists():
            create_private(file, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        return read_small(file).strip()

    def runtime(self) -> Runtime:
        """Reads what the running, or last, tree wrote; empty where there was none."""
        try:
            return Runtime.model_validate_json(read_small(self.path / "runtime.json"))
        except (FileNotFoundError, ValidationError):
            return Runtime()

    def save(self, runtime: Runtime) -> None:
        """Replaces what `runtime` reads.

        Args:
            runtime: The new state.
        """
        write_private(self.path / "runtime.json", runtime.model_dump_json(indent=2) + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder for one tree; the kernel lets go if the process dies.

        Raises:
            AlreadyRunningError: Another process holds it.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(self.path / "lock", flags, 0o600), "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise self._held_by(file.read(32)) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _held_by(self, text: str) -> AlreadyRunningError:
        pid = int(text) if text.isascii() and text.isdigit() else 0
        runtime = self.runtime()
        # Until it has its own addresses the other leaves the last tree's in place.
        address = runtime.addresses.get("api", "") if runtime.pid == pid else ""
        return AlreadyRunningError(path=self.path, pid=pid, address=address)


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    except FileNotFoundError as error:
        raise HomeError(f"the folder {path.parent} does not exist") from error
    account = Account.for_servers()
    if account is not None:
        # Root's PostgreSQL runs as another account, which has to pass through to its own data.
        os.chown(path, -1, account.gid)
        path.chmod(0o710)


def _check(path: Path) -> None:
    status = path.stat()
    if os.geteuid() not in {status.st_uid, 0}:
        raise HomeError(f"{path} belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise HomeError(f"other users may write to {path}; run: chmod go-w {path}")
