"""What a process holds for its lifetime: built once, frozen, handed to every stage."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.settings import Settings
from dialer.vault import Vault
from dialer.wakeups import Wakeups


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The process's settings, database, wake-ups and vault."""

    settings: Settings
    engine: AsyncEngine
    wakeups: Wakeups
    vault: Vault
