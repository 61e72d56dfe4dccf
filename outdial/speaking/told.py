"""Tells people and programs what the API refused, by the API's own code."""

from collections.abc import Iterator
from contextlib import contextmanager

from outdial.speaking.client import RefusedError
from outdial.speaking.coded import CodedError, reported


@contextmanager
def told(*, json: bool) -> Iterator[None]:
    """Reports what goes wrong inside, as JSON too where that was asked for.

    So programs tell a second decision, say, from a call that was found meanwhile.

    Args:
        json: Whether `--json` was given.

    Raises:
        CommandError: What went wrong, for the command line to tell.
    """
    with reported(json=json):
        try:
            yield
        except RefusedError as error:
            raise CodedError(
                str(error), reason=error.reason, details={"status": error.status}
            ) from error
