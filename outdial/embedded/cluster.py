"""Creates a PostgreSQL data folder that lets one role in, by password only.

The superuser can't log in at all: Outdial's role owns its database and may create others. Who
must act as superuser stops the server and uses PostgreSQL's single-user mode.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from outdial.embedded.accounts import identity
from outdial.embedded.errors import StartFailedError
from outdial.embedded.placement import Placement
from outdial.machine.files import sync_directory, write_private

ROLE = "outdial"
DATABASE = "outdial"
# The same text on every machine, whatever its language; and on macOS a postmaster without a
# locale in its environment refuses to start ("became multithreaded during startup").
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}

_INIT_SECONDS = 120.0
_SUPERUSER = "postgres"


def create(place: Placement, programs: Path, *, password: str, fast: bool) -> None:
    """Creates the data folder with its role and database, whole or not at all.

    Args:
        place: Where; `place.data` must not exist.
        programs: The folder that holds `initdb` and `postgres`.
        password: The role's password, of URL-safe characters.
        fast: Leave out waiting for the disk, for data that needn't outlive the machine's next
            crash.

    Raises:
        StartFailedError: `initdb` or the first start failed.
    """
    building = place.root / "data.new"
    _discard(building)
    place.make_data(building)
    _initialise(place, programs, building, fast=fast)
    _create_role(place, programs, building, password)
    building.rename(place.data)
    sync_directory(place.root)


def _discard(building: Path) -> None:
    if building.exists():
        # What an interrupted first start left: it never held anyone's data.
        shutil.rmtree(building)


def _initialise(place: Placement, programs: Path, data: Path, *, fast: bool) -> None:
    password_file = place.root / "initdb.password"
    write_private(password_file, f"{secrets.token_urlsafe(32)}\n")
    if place.account is not None:
        os.chown(password_file, place.account.uid, place.account.gid)
    argv = [
        *(str(programs / "initdb"), "--pgdata", str(data), "--username", _SUPERUSER),
        *("--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
        *("--builtin-locale=C.UTF-8", "--no-instructions"),
        *(("--no-sync",) if fast else ()),
    ]
    try:
        _run(place, argv, "")
    finally:
        password_file.unlink(missing_ok=True)


def _create_role(place: Placement, programs: Path, data: Path, password: str) -> None:
    # Single-user mode needs no listening server and no superuser's password, and reads the
    # role's password from its standard input. It takes one statement a line.
    statements = (
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"ALTER ROLE {_SUPERUSER} NOLOGIN PASSWORD NULL",
    )
    argv = [
        *(str(programs / "postgres"), "--single", "-D", str(data)),
        *("-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", _SUPERUSER),
    ]
    _run(place, argv, "".join(f"{statement}\n" for statement in statements))


def _run(place: Placement, argv: list[str], text: str) -> None:
    try:
        answer = subprocess.run(  # noqa: S603 - a program out of the wheel, arguments are ours
            argv,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_INIT_SECONDS,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            **identity(place.account),
        )
    except subprocess.TimeoutExpired as error:
        raise StartFailedError(f"{argv[0]} took over {_INIT_SECONDS:.0f} s") from error
    if answer.returncode != 0:
        raise StartFailedError(
            f"{argv[0]} ended with code {answer.returncode}: {answer.stderr.strip()[-2000:]}"
        )
