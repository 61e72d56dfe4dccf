"""Decides as which system account a server runs, and what that account can reach."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict

from outdial.embedded.errors import NoServerAccountError

# PostgreSQL's own account where it exists (Linux, macOS); else the one that owns nothing.
_CANDIDATES = ("postgres", "_postgres", "nobody")
_PROBE_SECONDS = 10.0


class IdentityOptions(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that give up root."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True)
class Account:
    """A system account that isn't root.

    Attributes:
        uid: Its user id.
        gid: Its group id.
        name: Its name, for people.
    """

    uid: int
    gid: int
    name: str

    @classmethod
    def for_servers(cls) -> Self | None:
        """Chooses the account for a new server.

        Nothing is created: a tool that people try must not leave accounts on their machine.

        Returns:
            None where this process is an ordinary user, who runs servers as itself.

        Raises:
            NoServerAccountError: This is root, and no unprivileged account exists.
        """
        if os.geteuid() != 0:
            return None
        for name in _CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return cls(uid=entry.pw_uid, gid=entry.pw_gid, name=name)
        raise NoServerAccountError(
            "PostgreSQL refuses to run as root, and none of the accounts "
            f"{', '.join(_CANDIDATES)} exists here. Run Outdial as an ordinary user."
        )

    @classmethod
    def owning(cls, path: Path) -> Self | None:
        """Reads who owns a server's data, and so must run it.

        Args:
            path: An existing folder.

        Returns:
            None where the owner is this process's own user.
        """
        status = path.stat()
        if status.st_uid == os.geteuid():
            return None
        try:
            name = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            name = str(status.st_uid)
        return cls(uid=status.st_uid, gid=status.st_gid, name=name)


def identity(account: Account | None) -> IdentityOptions:
    """Builds the arguments that make a child process run as an account.

    Args:
        account: The account; None for this process's own.

    Returns:
        Keyword arguments for `subprocess.Popen` and `subprocess.run`.
    """
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def can_enter(account: Account | None, folder: Path) -> bool:
    """Tries whether an account can pass through a folder and all its parents.

    Trying, rather than reading mode bits, also respects access lists and mount options.

    Args:
        account: The account; None for this process's own.
        folder: An existing folder.

    Returns:
        Whether it could.
    """
    return _succeeds(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])


def can_run(account: Account | None, program: Path) -> bool:
    """Tries whether an account can start a server program and its libraries.

    Args:
        account: The account; None for this process's own.
        program: A program that knows `--version`.

    Returns:
        Whether it could.
    """
    return _succeeds(account, [str(program), "--version"])


def _succeeds(account: Account | None, argv: list[str]) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603 - the argv is ours: a shell's `cd` or a wheel's program
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
            cwd="/",
            **identity(account),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0
