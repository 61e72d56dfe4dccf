"""Rows become leads in chunks; each is answered, and the refused go back as they were."""

import csv
import io
from datetime import UTC, datetime

import pytest

from dialer.rules.errors import Fault
from dialer.rules.intake.columns import decide
from dialer.rules.intake.sheet import Row
from dialer.rules.intake.table import (
    CHUNK_BYTES,
    CHUNK_ROWS,
    WHY_COLUMNS,
    Refused,
    Rehearsal,
    Tally,
    Verdict,
    chunks,
    rejected,
    unreadable,
)

NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
COLUMNS = decide(["Lead ID", "Phone", "Notes"], {})


def a_row(number: int, external_id: str, phone: str, notes: str = "") -> Row:
    """A row of the table."""
    return Row(number, (external_id, phone, notes))


@pytest.mark.parametrize("count", [0, 1, CHUNK_ROWS, CHUNK_ROWS + 1])
def test_every_row_is_in_one_chunk(count: int) -> None:
    rows = [a_row(n, str(n), "1") for n in range(count)]
    made = list(chunks(rows, COLUMNS))
    assert [pair[0] for chunk in made for pair in chunk] == rows
    assert all(0 < len(chunk) <= CHUNK_ROWS for chunk in made)


def test_long_rows_come_fewer_at_a_time_and_none_is_left_out() -> None:
    rows = [a_row(n, str(n), "1", "x" * (CHUNK_BYTES // 3)) for n in range(5)]
    rows.append(a_row(9, "9", "1", "x" * (CHUNK_BYTES + 1)))
    made = list(chunks(rows, COLUMNS))
    assert [len(chunk) for chunk in made] == [2, 2, 1, 1]
    verdicts = [unreadable(*pair) for chunk in made for pair in chunk]
    assert [verdict and verdict.code for verdict in verdicts] == [None] * 5 + ["row.too_large"]


def test_a_rehearsal_answers_as_an_import_into_an_empty_campaign() -> None:
    rows = [
        a_row(2, "7", "(212) 555-0142"),
        a_row(3, "7", "212-555-0143"),
        a_row(4, "8", "+1 212 555 0142"),
        a_row(5, "9", "800-555-0142"),
    ]
    judge = Rehearsal(now=NOW)
    tally = Tally()
    for chunk in chunks(rows, COLUMNS):
        for verdict in judge.answer(chunk):
            tally.add(verdict)
    assert tally.rows == 4
    assert tally.by_status == {"accepted": 1, "repeated": 1, "duplicate": 1, "rejected": 1}
    assert tally.reasons == {"phone.toll_free": 1}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("/phone", "phone.empty", "Fill it in."), "phone.empty"),
        (Fault("/image_urls/0", "invalid", "Not https."), "image_urls.invalid"),
        (Fault("", "not_an_object", "No object."), "row.not_an_object"),
    ],
)
def test_a_code_names_its_field(fault: Fault, code: str) -> None:
    verdict = rejected(a_row(2, "7", ""), [fault, Fault("/x", "y", "Also this.")])
    assert (verdict.code, verdict.message) == (code, f"{fault.message}; Also this.")


def test_refused_rows_go_back_as_they_came_and_can_be_refused_again() -> None:
    header = ("outdial_row", "Phone", "Notes")
    refused = Refused(header)
    verdict = Verdict(
        Row(7, ("3", "1", 'a "b"\nc'), ("x",)), "rejected", "phone.empty", "Fill it."
    )
    read = list(csv.reader(io.StringIO(refused.as_csv([verdict]).removeprefix("\ufeff"))))
    assert read == [
        [*WHY_COLUMNS, "Phone", "Notes"],
        ["7", "phone.empty", "Fill it.", "", "1", 'a "b"\nc', "x"],
    ]
