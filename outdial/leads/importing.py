"""Takes a table's rows into a campaign: in chunks, each once, every row answered."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from dialer.rules.errors import Fault
from dialer.rules.intake.columns import Columns
from dialer.rules.intake.sheet import Row
from dialer.rules.intake.table import Pair, Tally, Verdict, chunks, rejected, unreadable
from outdial.speaking.client import Client
from outdial.speaking.sheet import opened

_READ = 1 << 20


class Judge(Protocol):
    """Answers rows, in their order."""

    def answer(self, rows: Sequence[Pair]) -> Iterable[Verdict]:
        """Answers a chunk."""
        ...


def take_in(path: Path, columns: Columns, judge: Judge) -> Iterator[Verdict]:
    """Has every row of a file answered.

    Args:
        path: The file; it is read as it is sent, never held as a whole.
        columns: How its rows are read.
        judge: Who answers.

    Yields:
        A verdict for each row, in the order of the file.

    Raises:
        CommandError: The file or the judge fails; the rows answered before stay answered.
    """
    with opened(path) as sheet:
        for chunk in chunks(sheet.rows, columns):
            yield from _answered(chunk, judge)


def _answered(chunk: Sequence[Pair], judge: Judge) -> Iterator[Verdict]:
    known = [unreadable(row, lead) for row, lead in chunk]
    good = [pair for pair, verdict in zip(chunk, known, strict=True) if verdict is None]
    answers = iter(judge.answer(good) if good else ())
    for verdict in known:
        yield verdict or next(answers)


class Api:
    """Sends rows to the service; the same file into the same campaign adds nothing twice."""

    def __init__(self, *, client: Client, campaign_id: str, path: Path, columns: Columns) -> None:
        """Takes where rows go.

        Args:
            client: The API.
            campaign_id: The campaign.
            path: The file, read once here for its digest.
            columns: How its rows are read; another mapping is another import.
        """
        self._client = client
        self._campaign_id = campaign_id
        self._key = _digest(path, campaign_id, columns)
        self._chunks = 0
        self._seen: set[str] = set()
        self.replayed = 0
        """Rows that were answered as by an earlier import of the same file."""

    def answer(self, rows: Sequence[Pair]) -> Iterable[Verdict]:
        """Sends one chunk.

        Args:
            rows: At most 500 rows with their leads.

        Returns:
            A verdict for each.

        Raises:
            UnreachableError: Nothing answers; running the same import again continues it.
            RefusedError: The campaign or the key is refused.
        """
        body = {"campaign_id": self._campaign_id, "leads": [lead for _, lead in rows]}
        self._chunks += 1
        answer = self._client.post_keyed(
            "/v1/leads/bulk",
            json.dumps(body).encode(),
            key=f"{self._key}-{self._chunks}",
            source="file",
        )
        self.replayed += len(rows) if answer.replayed else 0
        told = zip(rows, answer.body["rows"], strict=True)
        return [self._verdict(row, said) for (row, _), said in told]

    def _verdict(self, row: Row, said: Mapping[str, Any]) -> Verdict:
        match said:
            case {"status": "rejected", "errors": [*given]}:
                return rejected(row, [Fault(**fault) for fault in given])
            case {"status": "accepted", "lead_id": str(lead_id)}:
                again = lead_id in self._seen
                self._seen.add(lead_id)
                status: Literal["accepted", "repeated"] = "repeated" if again else "accepted"
                return Verdict(row, status, str(said.get("phone_code", "")))
            case _:
                return Verdict(row, "duplicate", str(said.get("phone_code", "")))


def count_rows(path: Path) -> int:
    """Reads a file to its end, so that one that can't be read is found before a row is sent.

    Args:
        path: The file.

    Returns:
        How many rows it has, the header and blank ones left out.

    Raises:
        CommandError: It can't be read.
    """
    with opened(path) as sheet:
        return sum(1 for _ in sheet.rows)


def each(verdicts: Iterable[Verdict], *told: Callable[[Verdict], object]) -> Tally:
    """Counts verdicts.

    Args:
        verdicts: To be used up.
        told: Who hears of each.

    Returns:
        The counts.
    """
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict)
        for tell in told:
            tell(verdict)
    return tally


def _digest(path: Path, campaign_id: str, columns: Columns) -> str:
    told = json.dumps(
        [campaign_id, columns.header, {k: list(v) for k, v in columns.fields.items()}]
    )
    digest = hashlib.sha256(told.encode())
    with path.open("rb") as file:
        while chunk := file.read(_READ):
            digest.update(chunk)
    return f"file-{digest.hexdigest()}"
