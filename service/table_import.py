"""Takes an uploaded table's rows into a campaign: each once, and every row answered."""

import asyncio
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.intake import intake
from dialer.pipeline.intake.intake import Door, Once, Receipt
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.intake.columns import Columns, decide
from dialer.rules.intake.sheet import (
    HEADER_CHARACTERS,
    Row,
    Sheet,
    delimiter_of,
    encoding_of,
    read_sheet,
)
from dialer.rules.intake.table import (
    Pair,
    Refused,
    Rehearsal,
    Status,
    Tally,
    Verdict,
    chunks,
    rejected,
    unreadable,
)
from dialer.store import clock
from dialer.store.intake import sources
from service import intake_answers
from service.shell import Shell

MAX_BYTES = 10 * 1024 * 1024
"""Of an upload, with what its form adds; larger tables go in with `outdial leads import`."""

SOURCE = "file"
_SCOPE = "a table on a page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded table.

    Attributes:
        raw: Its bytes.
        name: What its sender calls it; untrusted.
        choices: Lead field -> column, as a person chose.
    """

    raw: bytes
    name: str
    choices: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of a table.

    Attributes:
        columns: How its rows were read.
        tally: Its rows, counted.
        refused: Every row that made no lead for a fault, in the table's order.
        aside: Rows whose lead came with an earlier row of the same external id and another
            number, which is not called.
        replayed: Rows that an earlier import of the same table brought.
    """

    columns: Columns
    tally: Tally = field(default_factory=Tally)
    refused: list[Verdict] = field(default_factory=list)
    aside: list[Verdict] = field(default_factory=list)
    replayed: int = 0

    def add(self, verdict: Verdict) -> None:
        """Takes one row's verdict."""
        self.tally.add(verdict)
        if verdict.status == "rejected":
            self.refused.append(verdict)
        elif verdict.message:
            self.aside.append(verdict)

    @property
    def as_csv(self) -> str:
        """The refused rows as a table, to be corrected and sent again."""
        return Refused(self.columns.header).as_csv(self.refused)


async def rehearse(shell: Shell, upload: Upload) -> Imported:
    """Judge every row as of an import into an empty campaign; nothing is kept.

    Raises:
        InvalidInputError: the table can't be read, or no column is the phone.
    """
    looked = await asyncio.to_thread(_look, upload)
    async with shell.context.engine.connect() as conn:
        now = await clock.now(conn)
    judge = Rehearsal(now=now, allow_territories=shell.context.settings.allow_territories)
    done = Imported(columns=looked.columns)
    for chunk in chunks(_sheet(looked.text).rows, looked.columns):
        known, good = _parted(chunk)
        answers = iter(await asyncio.to_thread(judge.answer, good))
        for verdict in known:
            done.add(verdict or next(answers))
    return done


async def bring_in(
    shell: Shell, upload: Upload, *, organization_id: UUID, campaign_id: UUID
) -> Imported:
    """Take every row into a campaign, a few hundred in a transaction.

    The same table into the same campaign, read the same way, adds nothing twice: an import that
    broke off goes on where it was.

    Raises:
        InvalidInputError: the table can't be read, or no column is the phone; no row was taken.
        NotFoundError: the campaign is not this organization's.
        ConflictError: the campaign is finished.
    """
    looked = await asyncio.to_thread(_look, upload)
    door = await _door(shell.context, organization_id, campaign_id)
    done = Imported(columns=looked.columns)
    for number, chunk in enumerate(chunks(_sheet(looked.text).rows, looked.columns), 1):
        known, good = _parted(chunk)
        leads = [lead for _, lead in good]
        once = Once(
            scope=_SCOPE,
            key=f"{campaign_id}-{looked.digest}-{number}",
            body=json.dumps(leads).encode(),
        )
        receipts = (
            await intake.accept(shell.context, door=door, given=leads, once=once) if good else ()
        )
        intake_answers.count(shell, organization_id, receipts)
        answers = iter([_verdict(row, r) for (row, _), r in zip(good, receipts, strict=True)])
        for verdict in known:
            done.add(verdict or next(answers))
        done.replayed += sum(r.replayed and not r.repeated for r in receipts)
    return done


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one reading of a whole table found."""

    text: str
    columns: Columns
    digest: str


def _look(upload: Upload) -> _Looked:
    text = upload.raw.decode(encoding_of([upload.raw]), "replace")
    sheet = _sheet(text)
    columns = decide(sheet.header, upload.choices)
    # To its end before a row is taken: a table that a lost quote tore apart is refused whole.
    if not sum(1 for _ in sheet.rows):
        raise _refused("no_rows", "the table has a header and no rows")
    return _Looked(text, columns, _digest(upload.raw, columns))


def _sheet(text: str) -> Sheet:
    lines = io.StringIO(text, newline="")
    delimiter = delimiter_of(lines.readline(HEADER_CHARACTERS))
    lines.seek(0)
    sheet = read_sheet(lines, delimiter=delimiter)
    if sheet is None:
        raise _refused("empty_table", "the table is empty")
    return sheet


def _digest(raw: bytes, columns: Columns) -> str:
    told = json.dumps([columns.header, {k: list(v) for k, v in columns.fields.items()}])
    return hashlib.sha256(told.encode() + raw).hexdigest()


def _parted(chunk: Sequence[Pair]) -> tuple[list[Verdict | None], list[Pair]]:
    known = [unreadable(row, lead) for row, lead in chunk]
    return known, [pair for pair, verdict in zip(chunk, known, strict=True) if verdict is None]


def _verdict(row: Row, receipt: Receipt) -> Verdict:
    if receipt.status == "rejected":
        return rejected(row, receipt.faults)
    if receipt.status == "duplicate":
        return Verdict(row, "duplicate", receipt.phone_code or "")
    status: Status = "repeated" if receipt.repeated else "accepted"
    return Verdict(row, status, receipt.phone_code or "", receipt.note or "")


async def _door(context: Context, organization_id: UUID, campaign_id: UUID) -> Door:
    async with context.engine.connect() as conn:
        row = await sources.by_name(conn, organization_id=organization_id, name=SOURCE)
    if row is None:
        raise NotFoundError(f"the built-in source {SOURCE!r} is missing")
    return Door(organization_id=organization_id, campaign_id=campaign_id, source_id=row["id"])


def _refused(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault("", code, message),))
