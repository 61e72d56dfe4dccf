"""Takes a table's rows into a campaign: in chunks, each once, every row answered."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from dialer.rules.errors import Fault
from dialer.rules.intake.lead_input import ReadLead, read_lead
from outdial.client import Client
from outdial.columns import Columns
from outdial.sheet import Row, opened

CHUNK_ROWS = 500
CHUNK_BYTES = 700_000
"""Below the service's limit on a body (1 MiB), with room for what JSON adds."""

_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row.

    Attributes:
        row: The row.
        status: `accepted` made a lead; `repeated` has the external id of an earlier row;
            `duplicate` has the number of an unfinished lead; `rejected` made nothing.
        code: Why it was rejected, such as `phone.toll_free`; else how its number was read.
        message: Why it was rejected, for people.
        suggestion: A likely right value.
    """

    row: Row
    status: Literal["accepted", "repeated", "duplicate", "rejected"]
    code: str = ""
    message: str = ""
    suggestion: str | None = None


class Judge(Protocol):
    """Answers rows, in their order."""

    def answer(self, rows: Sequence[tuple[Row, Mapping[str, object]]]) -> Iterable[Verdict]:
        """Answers a chunk."""
        ...


@dataclass(slots=True)
class Tally:
    """Rows counted.

    Attributes:
        rows: All so far.
        by_status: By `Verdict.status`.
        reasons: Rejected rows by code.
        repairs: Accepted rows by what was repaired in their number, `ok` for nothing.
    """

    rows: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Counts one more row."""
        self.rows += 1
        self.by_status[verdict.status] += 1
        if verdict.status == "rejected":
            self.reasons[verdict.code] += 1
        elif verdict.status == "accepted":
            self.repairs[verdict.code] += 1


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
    chunk: list[tuple[Row, Mapping[str, object]]] = []
    size = 0
    with opened(path) as sheet:
        for row in sheet.rows:
            lead = columns.lead(row.cells)
            weight = len(json.dumps(lead))
            if chunk and (len(chunk) == CHUNK_ROWS or size + weight > CHUNK_BYTES):
                yield from _answered(chunk, judge)
                chunk, size = [], 0
            chunk.append((row, lead))
            size += weight
    if chunk:
        yield from _answered(chunk, judge)


def _answered(
    chunk: Sequence[tuple[Row, Mapping[str, object]]], judge: Judge
) -> Iterator[Verdict]:
    known = [_unreadable(row, lead) for row, lead in chunk]
    good = [pair for pair, verdict in zip(chunk, known, strict=True) if verdict is None]
    answers = iter(judge.answer(good) if good else ())
    for verdict in known:
        yield verdict or next(answers)


def _unreadable(row: Row, lead: Mapping[str, object]) -> Verdict | None:
    if row.extra:
        message = (
            "the row has more cells than the header has columns, so its cells may have moved; "
            "put quotes around values that hold the separator"
        )
        return Verdict(row, "rejected", "row.too_many_cells", message)
    if len(json.dumps(lead)) > CHUNK_BYTES:
        return Verdict(row, "rejected", "row.too_large", "the row is too long to be sent")
    return None


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

    def answer(self, rows: Sequence[tuple[Row, Mapping[str, object]]]) -> Iterable[Verdict]:
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
                return _rejected(row, [Fault(**fault) for fault in given])
            case {"status": "accepted", "lead_id": str(lead_id)}:
                again = lead_id in self._seen
                self._seen.add(lead_id)
                status: Literal["accepted", "repeated"] = "repeated" if again else "accepted"
                return Verdict(row, status, str(said.get("phone_code", "")))
            case _:
                return Verdict(row, "duplicate", str(said.get("phone_code", "")))


class Rehearsal:
    """Judges rows on this machine by the service's own rules; nothing is sent or kept."""

    def __init__(self, *, now: datetime, allow_territories: bool = False) -> None:
        """Takes what the rules need.

        Args:
            now: The present.
            allow_territories: Whether numbers of US territories are accepted.
        """
        self._now = now
        self._allow_territories = allow_territories
        self._external_ids: set[str] = set()
        self._phones: set[str] = set()

    def answer(self, rows: Sequence[tuple[Row, Mapping[str, object]]]) -> Iterable[Verdict]:
        """Judges one chunk.

        Args:
            rows: Rows with their leads.

        Returns:
            A verdict for each, as of an import into an empty campaign.
        """
        return [self._judge(row, lead) for row, lead in rows]

    def _judge(self, row: Row, lead: Mapping[str, object]) -> Verdict:
        read = read_lead(lead, now=self._now, allow_territories=self._allow_territories)
        if not isinstance(read, ReadLead):
            return _rejected(row, read)
        external_id = read.fields.external_id
        if external_id in self._external_ids:
            return Verdict(row, "repeated", read.phone_code)
        if read.e164 in self._phones:
            return Verdict(row, "duplicate", read.phone_code)
        self._phones.add(read.e164)
        if external_id:
            self._external_ids.add(external_id)
        return Verdict(row, "accepted", read.phone_code)


def _rejected(row: Row, faults: Sequence[Fault]) -> Verdict:
    first = faults[0]
    field_name = first.pointer.removeprefix("/").partition("/")[0]
    code = first.code if "." in first.code else f"{field_name or 'row'}.{first.code}"
    message = "; ".join(fault.message for fault in faults)
    return Verdict(row, "rejected", code, message, first.suggestion)


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
