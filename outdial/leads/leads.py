"""The commands `outdial leads`: a file's rows into a campaign, with an answer for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dialer.rules.errors import InvalidInputError
from dialer.rules.intake.columns import Columns, decide, parse_choices
from dialer.rules.intake.table import Rehearsal, Tally, Verdict
from outdial.leads import held, shown
from outdial.leads.importing import Api, Judge, count_rows, each, take_in
from outdial.leads.rejects import Rejects, path_beside
from outdial.machine import clock
from outdial.planning.campaigns import find
from outdial.speaking.client import (
    Client,
    JsonOption,
    KeyOption,
    UnreachableError,
    UrlOption,
    target,
)
from outdial.speaking.login import HomeOption
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError, Exit, counted, err, out, table, write_json

_SHOWN_ROWS = 5
_KEPT_ROWS = 1_000
_STATUSES: Mapping[str, str] = {
    "accepted": "a lead each",
    "repeated": "the same id as an earlier row: one lead",
    "duplicate": "an unfinished lead of the campaign has this number",
    "rejected": "no lead; see why below",
}

app = typer.Typer(
    help="Bring leads in from files, list them, look at one; release or cancel held ones.",
    no_args_is_help=True,
)
app.command(name="list")(shown.list_leads)
app.command()(shown.show)
app.command()(held.held)
app.command()(held.release)
app.command()(held.cancel)


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header row.")],
    *,
    campaign: Annotated[
        str | None, typer.Option(help="The campaign's id, or its exact name.")
    ] = None,
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Read a field from a column; FIELD= reads it from none. May be repeated.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge every row on this machine; send nothing.")
    ] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Import leads from a CSV file; the same file again adds nothing twice.

    Columns are found by their usual names, all others become attributes. Refused rows go to
    FILE.rejected.csv with the reason; correct them there and import that file.
    """
    columns = read_columns(file, _chosen(choices or ()))
    rows = count_rows(file)
    if not rows:
        raise CommandError(f"{file} has a header and no rows", code=Exit.USAGE)
    if not json:
        show_columns(out(), columns)
    if dry_run:
        judge: Judge = Rehearsal(now=clock.now())
        imported = bring_in(file, columns, judge, rows=rows, rejects=None, quiet=json)
    elif campaign is None:
        raise CommandError("name the campaign with --campaign ID", code=Exit.USAGE)
    else:
        with Client(target=target(url, key, home)) as client:
            campaign_id = find(client, campaign)
            judge = Api(client=client, campaign_id=campaign_id, path=file, columns=columns)
            imported = bring_in(
                file, columns, judge, rows=rows, rejects=path_beside(file), quiet=json
            )
    if json:
        write_json(_as_dict(file, columns, imported))
    else:
        show(out(), imported)


def read_columns(file: Path, chosen: Mapping[str, str]) -> Columns:
    """Maps a file's header.

    Args:
        file: The file.
        chosen: As `decide` takes it.

    Returns:
        The mapping.

    Raises:
        CommandError: The file can't be read, or has no phone column.
    """
    try:
        with opened(file) as sheet:
            return decide(sheet.header, chosen)
    except InvalidInputError as error:
        raise CommandError(
            f"{file}: {error.message}. Choose columns with --map FIELD=COLUMN", code=Exit.USAGE
        ) from error


def _chosen(given: Sequence[str]) -> dict[str, str]:
    try:
        return parse_choices(given)
    except InvalidInputError as error:
        raise CommandError(f"--map {error.message}", code=Exit.USAGE) from error


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of a file.

    Attributes:
        tally: Its rows, counted.
        refused: Its first refused rows, at most 1,000.
        written: The file of refused rows, where there are any.
        replayed: Rows that an earlier import of the same file brought.
    """

    tally: Tally
    refused: tuple[Verdict, ...]
    written: Path | None
    replayed: int


def bring_in(
    file: Path, columns: Columns, judge: Judge, *, rows: int, rejects: Path | None, quiet: bool
) -> Imported:
    """Has a file's rows answered, with a progress bar on a terminal.

    Args:
        file: The file.
        columns: How its rows are read.
        judge: Who answers.
        rows: How many there are.
        rejects: Where refused rows go; None to write none.
        quiet: Show no bar.

    Returns:
        What became of it.

    Raises:
        CommandError: It broke off; the message says how far it came.
    """
    refused: list[Verdict] = []

    def keep(verdict: Verdict) -> None:
        if verdict.status == "rejected" and len(refused) < _KEPT_ROWS:
            refused.append(verdict)

    kept = Rejects(path=rejects or path_beside(file), header=columns.header)
    with kept, _bar(hidden=quiet) as bar:
        task = bar.add_task("rows", total=rows)
        tellers = (keep, lambda _: bar.advance(task), *([kept.add] if rejects else []))
        tally = each(_resumable(take_in(file, columns, judge), file), *tellers)
    return Imported(
        tally=tally,
        refused=tuple(refused),
        written=kept.path if kept.written else None,
        replayed=judge.replayed if isinstance(judge, Api) else 0,
    )


def show_columns(console: Console, columns: Columns) -> None:
    """Prints which column becomes what.

    Args:
        console: Where to.
        columns: The mapping.
    """
    pairs = [(", ".join(names), field) for field, names in columns.fields.items()]
    unread = [(name, "(not read)") for name in columns.unread]
    console.print(table(("column", "becomes"), [*pairs, *unread]))


def _resumable(verdicts: Iterable[Verdict], file: Path) -> Iterable[Verdict]:
    last = 1
    try:
        for verdict in verdicts:
            last = verdict.row.number
            yield verdict
    except UnreachableError as error:
        done = f"rows up to {last} are answered" if last > 1 else "no row was answered"
        raise UnreachableError(
            f"{error}; {done}. Run the same command again: it goes on with {file.name} and adds "
            "nothing twice"
        ) from error


def _bar(*, hidden: bool) -> Progress:
    console = err()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    )


def show(console: Console, imported: Imported) -> None:
    """Prints what became of a file.

    Args:
        console: Where to.
        imported: What became of it.
    """
    tally = imported.tally
    statuses = [(name, tally.by_status[name], why) for name, why in _STATUSES.items()]
    console.print(table(("rows", "count#", ""), statuses, title=counted(tally.rows, "row")))
    repaired = sorted((code, n) for code, n in tally.repairs.items() if code != "ok")
    if repaired:
        shown = ", ".join(f"{code} {n:,}" for code, n in repaired)
        console.print(f"Numbers repaired: {shown}", soft_wrap=True)
    if tally.reasons:
        console.print(table(("rejected because", "rows#"), tally.reasons.most_common()))
        first = imported.refused[:_SHOWN_ROWS]
        rows = [(v.row.number, v.code, v.message, v.suggestion) for v in first]
        console.print(table(("row#", "code", "why", "meant?"), rows))
    if (more := tally.by_status["rejected"] - _SHOWN_ROWS) > 0:
        console.print(f"… and {more:,} more.")
    if imported.written is not None:
        console.print(f"Refused rows with reasons: {imported.written}", soft_wrap=True)
    if imported.replayed:
        console.print(
            f"{counted(imported.replayed, 'row')} had come in before: nothing was added for that."
        )


def _as_dict(file: Path, columns: Columns, imported: Imported) -> dict[str, object]:
    tally = imported.tally
    return {
        "file": str(file),
        "columns": columns.fields,
        "not_read": columns.unread,
        "rows": tally.rows,
        **{name: tally.by_status[name] for name in _STATUSES},
        "replayed": imported.replayed,
        "reasons": dict(tally.reasons),
        "repairs": dict(tally.repairs),
        "rejected_file": None if imported.written is None else str(imported.written),
        "errors": [
            {
                "row": verdict.row.number,
                "code": verdict.code,
                "message": verdict.message,
                "suggestion": verdict.suggestion,
            }
            for verdict in imported.refused
        ],
    }
