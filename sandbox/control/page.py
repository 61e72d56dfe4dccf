"""Writes the sandbox's page: rings, calls in progress with their last lines, faults in force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from sandbox.calls import Call, CallStatus
from sandbox.conversation import Line

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
td { vertical-align: top; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto } .none { opacity: .7 }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the page shows."""

    now: str
    speed: float
    ring_count: int
    rings: Sequence[Mapping[str, Any]]
    call_count: int
    calls: Sequence[tuple[Call, CallStatus, Sequence[Line]]]
    faults: Sequence[Mapping[str, Any]]


def render(glance: Glance) -> str:
    """The page; everything that came from outside is escaped."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>Sandbox: {glance.ring_count} rings</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Partner API sandbox</h1>
<p>No real phone rings here. It is {escape(glance.now)}, at {glance.speed:g} times the real
speed.</p>
<h2>Calls in progress: {glance.call_count}</h2>
{_table(("Number", "Name", "Status", "Last said"), map(_call_row, glance.calls))}
<h2>Rings: {glance.ring_count}</h2>
{_table(("No.", "At", "Number", "Agent", "Call", "Answered"), map(_ring_row, glance.rings))}
<h2>Faults in force: {sum(fault["remaining"] != 0 for fault in glance.faults)}</h2>
{_table(("Fault", "On", "Hits", "Left"), map(_fault_row, glance.faults))}
</body>
</html>
"""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return '<p class="none">None.</p>'
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _call_row(shown: tuple[Call, CallStatus, Sequence[Line]]) -> Sequence[str]:
    call, status, lines = shown
    said = "<br>".join(escape(str(line)) for line in lines)
    return escape(call.customer_number), escape(call.name or ""), escape(status), said


def _ring_row(ring: Mapping[str, Any]) -> Sequence[str]:
    fields = ("seq", "at", "phone", "agent_id", "call_id", "answered")
    return [escape(str(ring[field])) for field in fields]


def _fault_row(fault: Mapping[str, Any]) -> Sequence[str]:
    left = "no end" if fault["remaining"] is None else fault["remaining"]
    on = " ".join(str(fault[part]) for part in ("route", "phone", "agent_id") if fault[part])
    return [escape(str(cell)) for cell in (fault["name"], on, fault["hits"], left)]
