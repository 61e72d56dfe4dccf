"""What PostgreSQL does for the statements of a stage: recorded as sent, then explained."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

LARGE = "leads|calls"
"""The tables that grow with a campaign."""

_SCANNED = re.compile(rf"Scan\b[^\n]* on ({LARGE})\b")
_SEQUENTIAL = re.compile(rf"Seq Scan on ({LARGE})\b")
_EXPLAINABLE = ("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement with its plan."""

    statement: str
    plan: str

    @property
    def reads_large(self) -> bool:
        """Whether it reads a table that grows."""
        return _SCANNED.search(self.plan) is not None

    @property
    def is_sequential(self) -> bool:
        """Whether it reads one from end to end."""
        return _SEQUENTIAL.search(self.plan) is not None

    def __str__(self) -> str:
        told = " ".join(self.statement.split())[:_SHOWN]
        return f"{told} ...\n" + "\n".join(f"    {line}" for line in self.plan.splitlines())


@contextmanager
def recorded(engine: AsyncEngine) -> Iterator[dict[str, Sequence[Any]]]:
    """Keep every statement that the engine sends, with the parameters it was first sent with."""
    sent: dict[str, Sequence[Any]] = {}

    def keep(*given: Any) -> None:  # noqa: ANN401 -- the event's own arguments
        _, _, statement, parameters, _, many = given
        sent.setdefault(statement, tuple(parameters[0]) if many else tuple(parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", keep)


async def explain(engine: AsyncEngine, sent: dict[str, Sequence[Any]]) -> list[Explained]:
    """The plans of what was recorded; nothing is carried out."""
    found = []
    async with engine.connect() as conn:
        for statement, parameters in sent.items():
            if not statement.lstrip().startswith(_EXPLAINABLE):
                continue
            shown = await conn.exec_driver_sql(
                f"EXPLAIN (COSTS OFF) {statement}", tuple(parameters)
            )
            found.append(Explained(statement, "\n".join(row[0] for row in shown)))
    return found
