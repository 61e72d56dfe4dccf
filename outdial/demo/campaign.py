"""Plays a campaign manager's part in the demo, through the API alone."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

from outdial.leads import leads
from outdial.leads.importing import Api, count_rows
from outdial.leads.leads import Imported
from outdial.speaking.client import Client
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError

PLAN: Mapping[str, object] = {
    "name": "Plumbing leads of February",
    "partner_business_id": "biz_demo",
    "partner_agent_id": "agent_demo",
    "hours": {
        day: [["08:00", "20:00"]]
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    },
    "calls_per_minute": 5,
    "concurrency": 25,
    "cadence": {
        "max_attempts": 2,
        "delays": {"no_answer": [20], "busy": [10], "failed": [5], "voicemail": [30]},
    },
    "context_template": 'Call {{ first_name | "there" }} about: {{ attributes.service }}. '
    "They wrote: {{ context }}",
}
_RINGS = 10_000
_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Running:
    """A campaign on its way.

    Attributes:
        campaign_id: Its id.
        imported: What became of the file.
        names: Lead id -> name.
    """

    campaign_id: str
    imported: Imported
    names: Mapping[str, str]


def begin(client: Client, file: Path, *, rejects: Path) -> Running:
    """Creates the campaign, imports the file, starts dialing.

    Args:
        client: The API.
        file: The leads.
        rejects: Where refused rows go.

    Returns:
        The running campaign.

    Raises:
        CommandError: The API refuses or doesn't answer.
    """
    campaign_id = client.post("/v1/campaigns", PLAN)["id"]
    columns = leads.read_columns(file, {})
    judge = Api(client=client, campaign_id=campaign_id, path=file, columns=columns)
    imported = leads.bring_in(
        file, columns, judge, rows=count_rows(file), rejects=rejects, quiet=False
    )
    listed = client.every("/v1/leads", campaign_id=campaign_id)
    names = {lead["id"]: lead["name"] or "" for lead in listed}
    client.post(f"/v1/campaigns/{campaign_id}/start")
    return Running(campaign_id=campaign_id, imported=imported, names=names)


def shorten(file: Path, rows: int, to: Path) -> Path:
    """Copies the first rows of a file.

    Args:
        file: The leads.
        rows: How many.
        to: The copy.

    Returns:
        The copy.
    """
    with opened(file) as sheet, to.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy)
        writer.writerow(sheet.header)
        writer.writerows(row.cells for row in islice(sheet.rows, rows))
    return to


def rings(sandbox: str, key: str) -> list[dict[str, Any]]:
    """Reads the sandbox's ring ledger.

    Args:
        sandbox: Its address.
        key: Its control key.

    Returns:
        Every ring, oldest first.

    Raises:
        CommandError: It doesn't answer.
    """
    found: list[dict[str, Any]] = []
    with httpx2.Client(
        base_url=sandbox, headers={"X-Sandbox-Key": key}, timeout=_SECONDS, trust_env=False
    ) as http:
        try:
            while True:
                after = found[-1]["seq"] if found else 0
                answer = http.get("/sandbox/rings", params={"after": after, "limit": _RINGS})
                page = answer.raise_for_status().json()
                found += page["items"]
                if len(found) >= page["total"] or not page["items"]:
                    return found
        except httpx2.HTTPError as error:
            raise CommandError(f"the sandbox's ring ledger can't be read: {error}") from error
