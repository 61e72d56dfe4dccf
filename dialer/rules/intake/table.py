"""Makes leads of a table's rows, chunk by chunk, and says what became of each row."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dialer.rules.errors import Fault
from dialer.rules.intake.columns import OURS, Columns
from dialer.rules.intake.lead_input import ReadLead, read_lead
from dialer.rules.intake.sheet import Row

CHUNK_ROWS = 500
CHUNK_BYTES = 700_000
"""Below the service's limit on a body (1 MiB), with room for what JSON adds."""

WHY_COLUMNS = tuple(OURS + name for name in ("row", "code", "message", "suggestion"))
"""What a table of refused rows has before the columns that they came with."""

Status = Literal["accepted", "repeated", "duplicate", "rejected"]
Pair = tuple[Row, Mapping[str, object]]
"""A row and the lead that was made of it, not yet judged."""


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
    status: Status
    code: str = ""
    message: str = ""
    suggestion: str | None = None


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


def chunks(rows: Iterable[Row], columns: Columns) -> Iterator[list[Pair]]:
    """Makes leads of rows, so many at a time as one request takes.

    Args:
        rows: They are read as they are needed.
        columns: How they are read.

    Yields:
        At most `CHUNK_ROWS` rows with their leads, of at most `CHUNK_BYTES` of JSON unless one
        row alone has more.
    """
    chunk: list[Pair] = []
    size = 0
    for row in rows:
        lead = columns.lead(row.cells)
        weight = len(json.dumps(lead))
        if chunk and (len(chunk) == CHUNK_ROWS or size + weight > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((row, lead))
        size += weight
    if chunk:
        yield chunk


def unreadable(row: Row, lead: Mapping[str, object]) -> Verdict | None:
    """Refuses a row that can't be judged as a lead at all; None where it can."""
    if row.extra:
        message = (
            "the row has more cells than the header has columns, so its cells may have moved; "
            "put quotes around values that hold the separator"
        )
        return Verdict(row, "rejected", "row.too_many_cells", message)
    if len(json.dumps(lead)) > CHUNK_BYTES:
        return Verdict(row, "rejected", "row.too_large", "the row is too long to be sent")
    return None


def rejected(row: Row, faults: Sequence[Fault]) -> Verdict:
    """A row that makes no lead, by the first of its faults, with what all of them say."""
    first = faults[0]
    field_name = first.pointer.removeprefix("/").partition("/")[0]
    code = first.code if "." in first.code else f"{field_name or 'row'}.{first.code}"
    message = "; ".join(fault.message for fault in faults)
    return Verdict(row, "rejected", code, message, first.suggestion)


class Rehearsal:
    """Judges rows by the rules alone, as of an import into an empty campaign; keeps nothing."""

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

    def answer(self, rows: Sequence[Pair]) -> list[Verdict]:
        """Judges one chunk.

        Args:
            rows: Rows with their leads.

        Returns:
            A verdict for each.
        """
        return [self._judge(row, lead) for row, lead in rows]

    def _judge(self, row: Row, lead: Mapping[str, object]) -> Verdict:
        read = read_lead(lead, now=self._now, allow_territories=self._allow_territories)
        if not isinstance(read, ReadLead):
            return rejected(row, read)
        external_id = read.fields.external_id
        if external_id in self._external_ids:
            return Verdict(row, "repeated", read.phone_code)
        if read.e164 in self._phones:
            return Verdict(row, "duplicate", read.phone_code)
        self._phones.add(read.e164)
        if external_id:
            self._external_ids.add(external_id)
        return Verdict(row, "accepted", read.phone_code)


class Refused:
    """Refused rows as a table: as they were, with why, and what was likely meant."""

    def __init__(self, header: Sequence[str]) -> None:
        """Takes the columns of the table that the rows came in.

        Args:
            header: One that is itself a table of refused rows loses its first columns.
        """
        self._kept = tuple(place for place, name in enumerate(header) if name not in WHY_COLUMNS)
        self.header = (*WHY_COLUMNS, *(header[place] for place in self._kept))

    def cells(self, verdict: Verdict) -> tuple[str, ...]:
        """A refused row's cells.

        Args:
            verdict: Why it was refused.

        Returns:
            Those of `header`, and whatever stood right of the last column.
        """
        row = verdict.row
        why = (str(row.number), verdict.code, verdict.message, verdict.suggestion or "")
        return (*why, *(row.cells[place] for place in self._kept), *row.extra)

    def as_csv(self, verdicts: Iterable[Verdict]) -> str:
        """The whole table, with the mark at its start that tells Excel that it is UTF-8."""
        text = io.StringIO(newline="")
        text.write("\ufeff")
        writer = csv.writer(text)
        writer.writerow(self.header)
        writer.writerows(self.cells(verdict) for verdict in verdicts)
        return text.getvalue()
