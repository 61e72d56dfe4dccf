"""Counts what intake decided, and says it as an HTTP answer."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from fastapi.responses import JSONResponse

from dialer.pipeline.intake.intake import Receipt
from dialer.rules.errors import InvalidInputError
from service.shell import Shell

REPLAYED = {"Idempotent-Replayed": "true"}
OK, ACCEPTED, MULTI_STATUS = 200, 202, 207


def count(shell: Shell, organization_id: UUID, receipts: Iterable[Receipt]) -> None:
    """Count rows by result and code; a repeated answer was counted the first time."""
    for receipt in (r for r in receipts if not r.replayed):
        code = receipt.faults[0].code if receipt.faults else receipt.phone_code or "none"
        shell.metrics.lead(result=receipt.status, code=code)
        if receipt.status == "rejected":
            shell.refusals.add(organization_id, [code])


def one(receipt: Receipt) -> JSONResponse:
    """Answer a single lead: 202 accepted, 200 for a duplicate.

    Raises:
        InvalidInputError: it was rejected.
    """
    if receipt.status == "rejected":
        raise InvalidInputError(receipt.faults[0].message, faults=receipt.faults)
    body = {n: v for n, v in receipt.as_dict().items() if n != "index"}
    body.setdefault("lead_id", None)
    return JSONResponse(
        body,
        ACCEPTED if receipt.status == "accepted" else OK,
        REPLAYED if receipt.replayed else None,
    )


def many(receipts: Sequence[Receipt]) -> JSONResponse:
    """Answer a list: 200 when no row was rejected, else 207."""
    states = [receipt.status for receipt in receipts]
    repeated = sum(receipt.repeated for receipt in receipts)
    body = {
        "accepted": states.count("accepted") - repeated,
        "repeated": repeated,
        "duplicates": states.count("duplicate"),
        "rejected": states.count("rejected"),
        "rows": [receipt.as_dict() for receipt in receipts],
    }
    again = bool(receipts) and all(receipt.replayed for receipt in receipts)
    status = MULTI_STATUS if "rejected" in states else OK
    return JSONResponse(body, status, REPLAYED if again else None)


def rows_by_place(listed: Sequence[object]) -> dict[int, Mapping[str, object]]:
    """The rows that are objects at all, by their place."""
    return {
        place: {str(name): value for name, value in row.items()}
        for place, row in enumerate(listed)
        if isinstance(row, Mapping)
    }
