"""Says what stands in the way of an organization's calls, and what comes next."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from outdial.speaking.lines import moment, plain


def lines(status: Mapping[str, Any]) -> Iterator[Text]:
    """Tells what keeps phones from ringing and what waits for somebody; nothing if all is well.

    Args:
        status: As `GET /v1/status` answers.

    Yields:
        Lines to print, the gravest first.
    """
    if status["quarantine"]:
        yield from _quarantine(status["quarantine"])
    if status["paused_at"]:
        yield _grave(f"Nothing dials: paused since {moment(status['paused_at'])}.")
    if status["parked_reason"]:
        until = moment(status["parked_until"]) or "an agent can be read"
        yield _grave(f"Nothing dials: {plain(status['parked_reason'])}, at least until {until}.")
    for one in status["disbelieved"]:
        yield from _disbelieved(one)
    yield from _counts(status)


def _grave(said: str) -> Text:
    return Text(said, style="red")


def _quarantine(found: Mapping[str, Any]) -> Iterator[Text]:
    yield _grave("Quarantine: nothing dials, this database was put back to an older copy.")
    problem = found["problem"]
    nothing = f" The last look came to nothing: {plain(problem)}." if problem else ""
    yield Text(
        f"  Noticed at {moment(found['since'])}; calls that it may lack are looked for in the "
        f"platform's history from {moment(found['looked_from'])} on. {plain(found['says'])}"
        f"{nothing}"
    )
    yield Text(f"  It ends by itself, at {moment(found['ends_at'])} at the earliest.")


def _disbelieved(found: Mapping[str, Any]) -> Iterator[Text]:
    answer = plain(found["answer"])
    yield _grave(
        f"Not believed: {answer}, since {moment(found['since'])}. The platform answered a call "
        "so and rang the phone all the same."
    )
    yield Text(
        f"  Calls so answered count as unknown and are looked for (the call: {found['call_id']})."
        f' Once the platform is mended: outdial believe {answer} --note "why"'
    )


def _counts(status: Mapping[str, Any]) -> Iterator[Text]:
    told = (
        (status["held_calls"], "Calls that need a decision: {}. See: outdial held list"),
        (
            status["mistaken_leads"],
            "Leads held for an id that the platform doesn't know: {}. See: outdial leads held",
        ),
        (
            status["unknown_calls"],
            "Calls that may have rung and are looked for: {}. See: outdial held unknown",
        ),
    )
    for count, said in told:
        if count:
            yield Text(said.format(f"{count:,}"))
