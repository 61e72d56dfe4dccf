"""Shows on a terminal how far an upload is; a file or a pipe gets nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TransferSpeedColumn,
)
from rich.text import Text

from outdial.speaking.speech import cell


def transfer_bar(console: Console, *, hidden: bool = False) -> Progress:
    """Makes bars for files that leave; they are gone afterwards.

    Args:
        console: Where to.
        hidden: Show nothing.

    Returns:
        What to start, to add tasks to (described by a file's name), and to stop.
    """
    return Progress(
        _Name(),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    )


@contextmanager
def upload_bar(
    console: Console, name: str, *, hidden: bool = False
) -> Iterator[Callable[[int, int], None]]:
    """Shows a bar while one file leaves.

    Args:
        console: Where to.
        name: The file's name.
        hidden: Show nothing.

    Yields:
        What to tell the bytes that left, and all there are.
    """
    with transfer_bar(console, hidden=hidden) as bar:
        task = bar.add_task(name, total=None)

        def advance(sent: int, total: int) -> None:
            bar.update(task, completed=sent, total=total)

        yield advance


class _Name(ProgressColumn):
    """A name that no markup is read into."""

    def render(self, task: Task) -> Text:
        """The name of the file.

        Args:
            task: One bar.
        """
        return cell(task.description)
