"""Says that the sandbox listens: a line of JSON to programs, what to do next to people."""

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path

from sandbox.app import PREFIX
from sandbox.clock import VirtualClock, iso
from sandbox.control.gate import PUBLISHED_KEY
from sandbox.seed import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_KEY

MANIFEST = "examples/agents/plumber.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What is said once the sandbox listens.

    Attributes:
        clock: Its virtual clock.
        control_key: Told only where it is the published one.
        folder: Where state is kept; None: in memory.
    """

    clock: VirtualClock
    control_key: str
    folder: Path | None

    def for_programs(self, url: str) -> str:
        """One line of JSON: ``event``, ``url`` and ``base_url``."""
        return json.dumps({"event": "ready", "url": url, "base_url": url + PREFIX})

    def for_people(self, url: str) -> str:
        """Addresses, credentials, and commands to copy."""
        here = reachable(url)
        published = self.control_key == PUBLISHED_KEY
        password = PUBLISHED_KEY if published else "the control key that you chose"
        kept = "in memory, gone at the end; --data FOLDER keeps it"
        return f"""The Partner API's sandbox listens. No real phone rings.

  Partner API    {here}{PREFIX}
  API key        {DEMO_KEY}
  OAuth client   {DEMO_CLIENT_ID}, secret {DEMO_CLIENT_SECRET}
  Watch it       {here}/sandbox/   (any user name; password: {password})
  Time           {iso(self.clock.now())}, {self.clock.speed:g} times real time
  State          {kept if self.folder is None else f"kept in {self.folder}"}

In another terminal:

  export OUTDIAL_PARTNER_BASE_URL={here}{PREFIX}
  export OUTDIAL_PARTNER_API_KEY={DEMO_KEY}
  outdial agents apply {MANIFEST}

Or ring a phone at once:

  curl {here}{PREFIX}/businesses/biz_demo/voice-agents/agent_demo/call \\
    -H 'Authorization: Bearer {DEMO_KEY}' -d '{{"phoneNumber": "+12125550123", "name": "Ann Bee"}}'

Ctrl-C ends it."""


def reachable(url: str) -> str:
    """An address to type: where it listens on all interfaces, this machine's."""
    scheme, _, rest = url.partition("://")
    host, _, port = rest.rpartition(":")
    address = ipaddress.ip_address(host.strip("[]"))
    if not address.is_unspecified:
        return url
    here = "127.0.0.1" if isinstance(address, ipaddress.IPv4Address) else "[::1]"
    return f"{scheme}://{here}:{port}"
