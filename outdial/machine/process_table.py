"""Reads a process's start and command line, from /proc or, where there is none, by `ps`."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PS_SECONDS = 10.0
# In /proc/PID/stat, counted after the name in parentheses (proc_pid_stat(5), fields 3 and 22).
_STATE, _START = 0, 19
# `ps -o stat=,lstart=,command=`: lstart is always five words ("Sat Nov 22 13:00:00 2026").
_PS_COLUMNS, _PS_WORDS = "stat=,lstart=,command=", 7


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A running process.

    Attributes:
        started: When it started, in a form that is only ever compared for equality.
        command: Its command line, words separated by spaces.
    """

    started: str
    command: str


def read(pid: int) -> Entry | None:
    """Reads a process by the best way this system has.

    Args:
        pid: A process id.

    Returns:
        None where no such process runs. A zombie doesn't run.
    """
    if pid <= 0:
        return None
    return read_proc(pid) if (_PROC / "self" / "stat").exists() else read_ps(pid)


def read_proc(pid: int) -> Entry | None:
    """Reads a process from Linux's /proc.

    Args:
        pid: A process id.

    Returns:
        The entry, or None as in `read`.
    """
    folder = _PROC / str(pid)
    try:
        words = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return None
    if words[_STATE] in {"Z", "X"}:
        return None
    return Entry(
        started=f"{_boot()}:{words[_START]}", command=command.decode("utf-8", "replace").strip()
    )


def read_ps(pid: int) -> Entry | None:
    """Reads a process by `ps`, as macOS has it.

    Args:
        pid: A process id.

    Returns:
        The entry, or None as in `read`.
    """
    answer = subprocess.run(  # noqa: S603 - a system program, the arguments are ours
        ["/bin/ps", "-ww", "-p", str(pid), "-o", _PS_COLUMNS],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PS_SECONDS,
        check=False,
        # lstart is written in local time and the local language.
        env={"LC_ALL": "C", "TZ": "UTC"},
    )
    words = answer.stdout.strip().split(maxsplit=_PS_WORDS - 1)
    if len(words) < _PS_WORDS or words[0].startswith("Z"):
        return None
    return Entry(started=" ".join(words[1:-1]), command=words[-1])


def _boot() -> str:
    # Start times count from the boot, so the boot is part of them.
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text("utf-8").strip()
    except OSError:
        return "boot"
