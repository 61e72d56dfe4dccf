"""Decides, from the command line, about leads whose id the calling platform doesn't know."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dialer.rules.lead import MISTAKEN
from dialer.rules.phones.phone import mask
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, table, write_json
from outdial.speaking.told import told

LeadArguments = Annotated[list[UUID], typer.Argument(help="Ids, as `leads held` shows them.")]


def held(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the leads that are held because the platform doesn't know their lead id."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.every("/v1/leads", state="held")
        items = [item for item in found if item["reason"] == MISTAKEN]
    if json:
        write_json(items)
        return
    if not items:
        out().print("No lead is held for its lead id.")
        return
    rows = [
        (
            item["id"],
            item["name"],
            mask(item["phone"]),
            item["external_id"],
            item["partner_lead_id"],
            moment(item["updated_at"]),
        )
        for item in items
    ]
    columns = ("id", "lead", "number", "external id", "unknown to the platform", "since")
    out().print(table(columns, rows))


def release(
    leads: LeadArguments,
    *,
    partner_lead_id: Annotated[
        str | None,
        typer.Option("--partner-lead-id", help="The right id, for a single lead; else none."),
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="Why, for the timeline; at most 500 characters.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Let leads wait again, to be called without the id that the platform doesn't know."""
    if partner_lead_id is not None and len(leads) > 1:
        raise typer.BadParameter("--partner-lead-id is one lead's")
    body = {"partner_lead_id": partner_lead_id, **({} if note is None else {"note": note})}
    with told(json=json), Client(target=target(url, key, home)) as client:
        released = []
        for lead in leads:
            released.append(client.post(f"/v1/leads/{lead}/release", body))
            if not json:
                due = moment(released[-1]["due_at"])
                out().print(f"released: {lead}, due {due}", soft_wrap=True)
    if json:
        write_json(released)


def cancel(
    leads: LeadArguments,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Cancel leads for good. A call that is in flight runs on; no other is made."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        cancelled = []
        for lead in leads:
            cancelled.append(client.post(f"/v1/leads/{lead}/cancel"))
            if not json:
                flying = cancelled[-1]["in_flight"]
                out().print(f"cancelled: {lead}, calls in flight: {flying}", soft_wrap=True)
    if json:
        write_json(cancelled)
