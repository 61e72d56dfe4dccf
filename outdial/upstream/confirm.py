"""Asks a person before something that can't be taken back; a program has to say --yes."""

import sys

from rich.console import Console

from outdial.speaking.coded import CodedError
from outdial.speaking.speech import Exit

_YES = "yes"


def confirm(console: Console, question: str, *, yes: bool) -> None:
    """Has a person agree by typing `yes`.

    Args:
        console: Where to ask: stderr, so that stdout holds the result alone.
        question: One sentence that ends in a question mark.
        yes: Whether `--yes` was given, so that nobody is asked.

    Raises:
        CodedError: Nobody can be asked, or the answer was another.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CodedError(
            "nobody is there to ask: add --yes if you mean it",
            reason="not_confirmed",
            code=Exit.USAGE,
        )
    console.print(question)
    console.print("Only `yes` goes on: ", end="")
    if sys.stdin.readline().strip().casefold() != _YES:
        raise CodedError("nothing was done", reason="not_confirmed")
