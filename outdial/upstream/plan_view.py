"""Shows a plan in the manner of infrastructure tools: what would be done, field by field."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from json import dumps
from typing import Final

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from outdial.lines import plain
from provision.plan import Action, Difference, Drift, Drifted, Plan, Verb

SENSITIVE: Final = "(sensitive value)"

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
_LONG: Final = 72
_SHOWN_LINES: Final = 12
_SHOWN_CHARS: Final = 4_000
_DIFF_LINES: Final = 60
_DIFF_HEAD: Final = 3


def show_plan(console: Console, plan: Plan, *, destroying: bool = False) -> None:
    """Prints a plan.

    Args:
        console: Where to; colours are for terminals alone.
        plan: The plan. Secrets aren't in it, and text from outside is made safe here.
        destroying: Whether it is one that leaves nothing.
    """
    for line in _lines(plan, destroying=destroying):
        console.print(line, soft_wrap=True)


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


def _lines(plan: Plan, *, destroying: bool) -> Iterator[Text]:
    if plan.drift:
        yield Text("Changed outside since the last apply:", style="bold")
        for drifted in plan.drift:
            yield from _drifted(drifted)
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
                yield from _action(action, reason="" if destroying else action.reason)
        yield Text()
        yield Text(summary(plan), style="bold")
    for warning in plan.warnings:
        yield Text(f"Warning: {plain(warning)}", style="yellow")


def _action(action: Action, *, reason: str) -> Iterator[Text]:
    sign, clause, style = SIGNS[action.verb]
    because = f", {plain(reason)}" if reason else ""
    yield _headed(
        sign, style, f"{_named(action.address, action.label, action.id)} {clause}{because}"
    )
    yield from _differences(action.differences)


def _drifted(drifted: Drifted) -> Iterator[Text]:
    sign, clause, style = _DRIFTS[drifted.drift]
    yield _headed(sign, style, f"{_named(drifted.address, drifted.label, None)} {clause}")
    yield from _differences(drifted.differences)


def _headed(sign: str, style: str, words: str) -> Text:
    return Text.assemble((f"{sign:>5} ", style), (words, "bold"))


def _named(address: str, label: str, thing_id: str | None) -> str:
    said = f' "{plain(label)}"' if label and label != thing_id else ""
    known = f" ({plain(thing_id)})" if thing_id else ""
    return f"{plain(address)}{said}{known}"


def _differences(differences: Iterable[Difference]) -> Iterator[Text]:
    for one in differences:
        if one.before is None:
            yield from _given("+", "green", one.path, one.after, secret=one.secret)
        elif one.after is None:
            yield from _given("-", "red", one.path, one.before, secret=one.secret)
        elif one.secret:
            yield from _given("~", "yellow", one.path, one.after, secret=True)
        else:
            yield from _changed(one.path, one.before, one.after)


def _given(sign: str, style: str, path: str, value: JsonValue, *, secret: bool) -> Iterator[Text]:
    if secret:
        yield _field(sign, style, f"{plain(path)} = {SENSITIVE}")
        return
    if not _is_prose(value):
        yield _field(sign, style, f"{plain(path)} = {_written(value)}")
        return
    lines = _spread(value)
    yield _field(sign, style, f"{plain(path)} =")
    for line in lines[:_SHOWN_LINES]:
        yield Text(f"            {_cut(line)}")
    if len(lines) > _SHOWN_LINES:
        yield Text(f"            … {len(lines) - _SHOWN_LINES} more lines")


def _changed(path: str, before: JsonValue, after: JsonValue) -> Iterator[Text]:
    if not (_is_prose(before) or _is_prose(after)):
        told = f"{plain(path)} = {_written(before)} -> {_written(after)}"
        yield _field("~", "yellow", told)
        return
    yield _field("~", "yellow", f"{plain(path)} =")
    diff = list(unified_diff(_spread(before), _spread(after), lineterm="", n=1))[_DIFF_HEAD:]
    styles = {"+": "green", "-": "red"}
    for line in diff[:_DIFF_LINES]:
        shown = "…" if line.startswith("@@") else f"{line[:1]} {_cut(line[1:])}"
        yield Text(f"          {shown}", style=styles.get(line[:1], ""))
    if len(diff) > _DIFF_LINES:
        yield Text(f"          … {len(diff) - _DIFF_LINES} more lines")


def _field(sign: str, style: str, words: str) -> Text:
    return Text.assemble((f"        {sign} ", style), words)


def _is_prose(value: JsonValue) -> bool:
    match value:
        case str():
            return len(value) > _LONG or "\n" in value
        case list():
            return len(dumps(value)) > _LONG and any(isinstance(one, list | dict) for one in value)
        case dict():
            return len(dumps(value)) > _LONG
        case _:
            return False


def _spread(value: JsonValue) -> list[str]:
    match value:
        case str():
            return value.splitlines()
        case list():
            return ["[", *(f"  {dumps(one, ensure_ascii=False)}" for one in value), "]"]
        case _:
            return dumps(value, ensure_ascii=False, indent=2).splitlines()


def _written(value: JsonValue) -> str:
    return _cut(dumps(value, ensure_ascii=False))


def _cut(line: str) -> str:
    more = len(line) - _SHOWN_CHARS
    return plain(line) if more <= 0 else f"{plain(line[:_SHOWN_CHARS])} … {more} more characters"
