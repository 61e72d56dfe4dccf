"""Shows one call as a page: the facts, the summary, the fields, what was said."""

from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

from outdial.upstream.view import address, details, dialogue, indented, moment, safe, span
from partner import CallRecord

_INDENT: Final = len("person's number  ")


def show_call(console: Console, call: CallRecord) -> None:
    """Prints a call; text from outside is made safe line by line.

    Args:
        console: Where to.
        call: The call; whatever is missing is left out.
    """
    console.print(details(_facts(call)))
    if call.recording_url:
        line = address("recording", call.recording_url, indent=_INDENT)
        console.print(line, soft_wrap=True)
    for title, shown in _parts(call):
        console.print()
        console.print(Text(title, style="bold"))
        console.print(indented(shown))
    if call.transcript is None:
        console.print()
        console.print("No transcript yet." if call.ended_at is None else "No transcript.")


def _facts(call: CallRecord) -> list[tuple[str, object]]:
    # The platform's "phone number" is the agent's for a call out; its name alone misleads.
    return [
        ("call", call.id),
        ("business", call.business_id),
        ("agent", call.agent_id),
        ("lead", call.lead_id),
        ("type", call.type),
        ("status", call.status),
        ("ended because", call.ended_reason),
        ("agent's number", call.phone_number),
        ("person's number", call.customer_number),
        ("started", moment(call.started_at)),
        ("ended", moment(call.ended_at)),
        ("length", span(call.duration_ms)),
    ]


def _parts(call: CallRecord) -> list[tuple[str, RenderableType]]:
    told = call.lead_context
    found: list[tuple[str, RenderableType]] = []
    if call.summary:
        found.append(("Summary", safe(call.summary)))
    if call.structured_data:
        found.append(("Collected", details(call.structured_data.items())))
    if told is not None:
        pairs = [
            ("name", told.name),
            ("context", told.context),
            ("from lead", told.generated_from_lead_id),
            ("also", told.additional_info),
            ("images", "\n".join(told.image_urls or ())),
        ]
        found.append(("What the agent was told", details(pairs)))
    if call.transcript:
        found.append(("Transcript", dialogue(call.transcript)))
    return found
