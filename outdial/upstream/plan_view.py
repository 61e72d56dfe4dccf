"""Shows a plan in the manner of infrastructure tools: what would be done, field by field."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.text import Text

from outdial.speaking.lines import plain
from outdial.upstream.plan_fields import SHORT, WHOLE, Lengths, differences
from outdial.upstream.view import hung
from provision.plan import Action, Drift, Drifted, Plan, Verb
from provision.state import Kind

SIGNS: Final[Mapping[Verb, tuple[str, str, str]]] = {
    Verb.CREATE: ("+", "will be created", "green"),
    Verb.UPDATE: ("~", "will be updated in place", "yellow"),
    Verb.REPLACE: ("-/+", "will be replaced", "magenta"),
    Verb.DELETE: ("-", "will be deleted", "red"),
    Verb.ADOPT: ("<-", "exists and will be adopted", "cyan"),
    Verb.FORGET: ("x", "will be forgotten", "red"),
    Verb.DEPLOY: (">", "will be deployed", "blue"),
    Verb.ON_DUTY: (">", "will be put on duty", "blue"),
    Verb.OFF_DUTY: (">", "will be taken off duty", "blue"),
    Verb.NONE: (" ", "stays as it is", ""),
}
"""Sign, clause and colour of each verb."""

_ALWAYS_COUNTED: Final = (Verb.CREATE, Verb.UPDATE, Verb.REPLACE, Verb.DELETE)
_ALSO_COUNTED: Final = (Verb.ADOPT, Verb.FORGET, Verb.DEPLOY)
_DRIFTS: Final[Mapping[Drift, tuple[str, str, str]]] = {
    Drift.CHANGED: ("~", "was changed", "yellow"),
    Drift.DELETED: ("-", "was deleted", "red"),
}
_NO_CHANGES: Final = "No changes. What runs is what the manifest says."
_OWNED: Final = "owned from now on: destroy will delete it"


def show_plan(
    console: Console, plan: Plan, *, destroying: bool = False, full: bool = False
) -> None:
    """Prints a plan.

    Args:
        console: Where to; colours are for terminals alone.
        plan: The plan. Secrets aren't in it, and text from outside is made safe here.
        destroying: Whether it is one that leaves nothing.
        full: Whether long texts are shown whole.
    """
    for line in _lines(plan, WHOLE if full else SHORT, destroying=destroying):
        # A pipe has no edge to wrap at, and whole lines are easier to search.
        for piece in hung(line, console.width) if console.is_terminal else (line,):
            console.print(piece, soft_wrap=True)


def summary(plan: Plan) -> str:
    """The closing line.

    Args:
        plan: The plan.

    Returns:
        Such as `Plan: 3 to create, 1 to update, 0 to replace, 0 to delete.`
    """
    counts = plan.summary
    told = [f"{counts.get(verb, 0)} to {verb.value}" for verb in _ALWAYS_COUNTED]
    told += [f"{counts[verb]} to {verb.value}" for verb in _ALSO_COUNTED if counts.get(verb)]
    told += [
        f"{counts[verb]} to go {verb.value}"
        for verb in (Verb.ON_DUTY, Verb.OFF_DUTY)
        if counts.get(verb)
    ]
    return f"Plan: {', '.join(told)}."


def _lines(plan: Plan, lengths: Lengths, *, destroying: bool) -> Iterator[Text]:
    if plan.drift:
        yield Text("Changed outside since the last apply:", style="bold")
        for drifted in plan.drift:
            yield from _drifted(drifted, lengths)
        yield Text()
    if plan.empty:
        nothing = "Nothing to destroy." if destroying else _NO_CHANGES
        yield Text(nothing, style="bold green")
    else:
        where = f"{plan.business} at {plan.base_url}"
        yield Text(f"What would be done in {plain(where)}:", style="bold")
        for action in plan.changes:
            # The other half of a replacement stands there as one with it.
            if not action.replaced:
                yield from _action(action, lengths, reason="" if destroying else action.reason)
        yield Text()
        yield Text(summary(plan), style="bold")
    for warning in plan.warnings:
        yield Text(f"Warning: {plain(warning)}", style="yellow")


def _action(action: Action, lengths: Lengths, *, reason: str) -> Iterator[Text]:
    sign, clause, style = SIGNS[action.verb]
    because = f", {plain(reason)}" if reason else ""
    yield _headed(
        sign, style, f"{_named(action.address, action.label, action.id)} {clause}{because}"
    )
    # The API has no end for the calendar's connection.
    if action.verb is Verb.ADOPT and action.kind is not Kind.CALENDAR:
        yield Text(f"        {_OWNED}", style=style)
    yield from differences(action.differences, lengths)


def _drifted(drifted: Drifted, lengths: Lengths) -> Iterator[Text]:
    sign, clause, style = _DRIFTS[drifted.drift]
    yield _headed(sign, style, f"{_named(drifted.address, drifted.label, None)} {clause}")
    yield from differences(drifted.differences, lengths)


def _headed(sign: str, style: str, words: str) -> Text:
    return Text.assemble((f"{sign:>5} ", style), (words, "bold"))


def _named(address: str, label: str, thing_id: str | None) -> str:
    said = f' "{plain(label)}"' if label and label != thing_id else ""
    known = f" ({plain(thing_id)})" if thing_id else ""
    return f"{plain(address)}{said}{known}"
