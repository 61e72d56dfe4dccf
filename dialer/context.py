"""What a process holds for its lifetime: built once, frozen, handed to every stage."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.settings import Settings
from dialer.vault import Vault
from dialer.wakeups import Wakeups
from dialer.webhooks import Webhooks


@dataclass(slots=True)
class Pulse:
    """The highest beat of the database that this process has seen; no call is armed below it."""

    beat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The process's settings, database, wake-ups, vault, webhooks and pulse."""

    settings: Settings
    engine: AsyncEngine
    wakeups: Wakeups
    vault: Vault
    webhooks: Webhooks = field(default_factory=Webhooks)
    pulse: Pulse = field(default_factory=Pulse)
