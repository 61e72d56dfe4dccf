"""Faults that programs can tell by a name, and how they are told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from outdial.speaking.speech import CommandError, Exit, write_json


class CodedError(CommandError):
    """A command failed for a reason that programs can tell by its name.

    Attributes:
        reason: A stable name: that of the client's error, or one of this command line's.
        details: Further members of the JSON error.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        code: Exit = Exit.FAILED,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Takes what to say.

        Args:
            message: One or two sentences: what is wrong, and what to do.
            reason: See the class.
            code: The exit code.
            details: See the class.
        """
        super().__init__(message, code=code)
        self.reason = reason
        self.details = dict(details or {})


@contextmanager
def reported(*, json: bool, interrupted: str = "") -> Iterator[None]:
    """Has whatever fails inside end as a fault: told as JSON on stdout too, where that is wanted.

    Args:
        json: Whether programs read stdout.
        interrupted: What to do after Ctrl-C, where there is something.

    Raises:
        CommandError: What failed.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        told = "; ".join(filter(None, ["interrupted", interrupted]))
        fault = CodedError(told, reason="interrupted")
        _write(fault, json=json)
        raise fault from error
    except CommandError as fault:
        _write(fault, json=json)
        raise


def as_dict(fault: CommandError) -> dict[str, object]:
    """A fault as the JSON that `--json` prints.

    Args:
        fault: What failed.

    Returns:
        `{"error": {"code": ..., "message": ..., ...}}`.
    """
    usual = "usage" if fault.code is Exit.USAGE else "failed"
    found: dict[str, object] = {"code": usual, "message": str(fault)}
    if isinstance(fault, CodedError):
        found |= {"code": fault.reason, **fault.details}
    return {"error": found}


def _write(fault: CommandError, *, json: bool) -> None:
    if json:
        write_json(as_dict(fault))
