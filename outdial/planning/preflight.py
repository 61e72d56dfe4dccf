"""The command `outdial campaigns preflight`: what a start would come to; nobody is rung."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from outdial.planning.campaigns import CampaignArgument, find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import counted, out, table, write_json
from outdial.speaking.told import told

BAR = 30
"""Characters of the longest bar."""

_HOURS = 48
_ZONES = 20


def preflight(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Say who can be called when, how long the list takes and what it costs; dials nobody."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/campaigns/{find(client, campaign)}/preflight")
    if json:
        write_json(found)
        return
    for line in _lines(found):
        out().print(line, soft_wrap=True)
    for title, rows in (("hour (UTC)", _hours(found)), ("zone", _zones(found))):
        if rows:
            out().print(bars(title, rows))


def bars(title: str, rows: Sequence[tuple[str, int]]) -> Table:
    """Lays out counts with a bar each.

    Args:
        title: What is counted by.
        rows: Names and counts.

    Returns:
        A table to print.
    """
    most = max((count for _, count in rows), default=0)
    shown = [(name, f"{count:,}", _bar(count, most)) for name, count in rows]
    return table((title, "leads#", ""), shown)


def _bar(count: int, most: int) -> str:
    # Whoever counts is seen: one lead beside a million has a bar too.
    return "#" * max(round(BAR * count / most), 1) if count else ""


def _lines(found: Mapping[str, Any]) -> Iterator[Text]:
    later, never = found["later"], found["never"]
    yield Text(
        f"{counted(found['leads'], 'lead')}: {found['now']:,} can be called now, "
        f"{_sum(later):,} later, {_sum(never):,} never",
        style="bold",
    )
    yield from (_reason("later", row) for row in later)
    yield from (_reason("never", row) for row in never)
    pace = found["pace"]
    yield Text(f"pace: {'no limit' if pace is None else f'{pace:g} calls a minute'}")
    yield Text(
        f"calls: {_range(found['calls'])}; minutes: {_range(found['minutes'])}{_cost(found)}"
    )
    yield Text(f"all are called by: {_finish(found['finish'])}")
    for one in found["warnings"]:
        yield Text(f"  !  {plain(one['code'])}: {plain(one['says'])}", style="yellow")


def _sum(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["leads"] for row in rows)


def _reason(when: str, row: Mapping[str, Any]) -> Text:
    return Text(f"  {when}: {row['leads']:,} {plain(row['reason'])}")


def _range(ends: Mapping[str, float]) -> str:
    return f"{ends['least']:,} to {ends['most']:,}"


def _cost(found: Mapping[str, Any]) -> str:
    cost = found["cost"]
    return "" if cost is None else f"; cost: {cost['least']:,.2f} to {cost['most']:,.2f}"


def _finish(ends: Mapping[str, str | None]) -> str:
    first, last = (moment(ends[name]) or "later than 30 days" for name in ("first", "last"))
    return first if first == last else f"{first} to {last}"


def _hours(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    rows = [(str(moment(row["hour"]))[:16], row["leads"]) for row in found["by_hour"]]
    return _cut(rows, _HOURS)


def _zones(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    return _cut([(row["zone"], row["leads"]) for row in found["by_zone"]], _ZONES)


def _cut(rows: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    rest = sum(leads for _, leads in rows[most:])
    return [*rows[:most], *([("others", rest)] if rest else [])]
