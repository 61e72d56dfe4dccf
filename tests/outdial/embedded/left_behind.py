"""Starts both embedded servers in the folder it is given, prints their URLs, dies by SIGKILL."""

import json
import os
import signal
import sys
from pathlib import Path

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey


def main() -> None:
    """Leaves two orphans; see the module's docstring."""
    folder = Path(sys.argv[1])
    postgres = EmbeddedPostgres(directory=folder / "postgres", fast=True)
    valkey = EmbeddedValkey(directory=folder / "valkey")
    left = {"postgres": postgres.start(), "valkey": valkey.start()}
    pids = {"postgres_pid": postgres.pid, "valkey_pid": valkey.pid}
    print(json.dumps({**left, **pids}), flush=True)  # noqa: T201 - the answer
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
