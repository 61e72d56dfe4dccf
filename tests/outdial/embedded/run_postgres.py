"""Starts PostgreSQL in the folder it is given, prints its command line, stops it."""

import sys
from pathlib import Path

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.machine.processes import ProcessStamp


def main() -> None:
    """Runs the server; see the module's docstring."""
    server = EmbeddedPostgres(directory=Path(sys.argv[1]), fast=True)
    server.start()
    stamp = ProcessStamp.of(server.pid)
    print(stamp.command() if stamp else "")  # noqa: T201 - the answer
    server.stop()


if __name__ == "__main__":
    main()
