"""Runs applies in processes of their own and kills them at a given event; started as a program.

It reads orders from standard input, one JSON object a line, and answers each with how the process
ended: a signal's number, negative, or an exit code. Each apply is a fork of this one, which has
the imports behind it and no thread and no event loop: forty of them take seconds.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from partner import PartnerClient, StaticKey
from provision.applying import apply
from provision.errors import ProvisionError
from provision.events import Event
from provision.manifest import read

STOPPED = 3
"""Exit code of an apply that stopped by itself."""


def main() -> None:
    """Serve orders until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(order: dict[str, Any]) -> int:
    try:
        asyncio.run(_apply(order))
    except ProvisionError as error:
        sys.stderr.write(f"{error}\n")
        return STOPPED
    return 0


async def _apply(order: dict[str, Any]) -> None:
    seen = 0

    def kill(event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == order.get("at") or event.phase == order.get("phase"):
            os.kill(os.getpid(), signal.SIGKILL)

    manifest = read(Path(order["manifest"]), environ=order["environ"])
    credentials = StaticKey(order["key"])
    async with PartnerClient(base_url=order["base_url"], credentials=credentials) as client:
        await apply(client, manifest, on_event=kill)


if __name__ == "__main__":
    main()
