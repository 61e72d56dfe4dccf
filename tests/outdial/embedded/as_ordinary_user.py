"""Gives up root if it has it, then runs both embedded servers in the folder it is given.

The interpreter may lie where an ordinary user can't read it, so root is given up after the
imports. Prints one JSON object: who ran, who owned each server, and what was announced.
"""

import json
import os
import pwd
import sys
from pathlib import Path

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey


def main() -> None:
    """Runs the servers; see the module's docstring."""
    folder = Path(sys.argv[1])
    if os.geteuid() == 0:
        # A codec that opening a connection loads, like the imports above while it still can.
        "example.com".encode("idna")
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    said: list[str] = []
    owners = []
    for server in (
        EmbeddedPostgres(directory=folder / "postgres", fast=True, announce=said.append),
        EmbeddedValkey(directory=folder / "valkey", announce=said.append),
    ):
        try:
            server.start()
            owners.append(Path(f"/proc/{server.pid}").stat().st_uid)
            server.stop()
            server.start()
        finally:
            server.remove()
    print(json.dumps({"ran": os.geteuid(), "owners": owners, "said": said}))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
