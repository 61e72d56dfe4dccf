"""Writes refused rows to a file: as they were, with why, and what was likely meant."""

import csv
import os
from pathlib import Path
from typing import IO, Any, Self

from dialer.rules.intake.table import Refused, Verdict
from outdial.speaking.speech import CommandError


class Rejects:
    """The file of refused rows, made with the first of them."""

    def __init__(self, *, path: Path, header: tuple[str, ...]) -> None:
        """Takes where it goes; nothing is written.

        Args:
            path: The file; one of an earlier import is replaced.
            header: The columns of the imported file.
        """
        self.path = path
        self._refused = Refused(header)
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def written(self) -> bool:
        """Whether any row was refused."""
        return self._file is not None

    def add(self, verdict: Verdict) -> None:
        """Writes a row down if it was refused.

        Args:
            verdict: What became of a row.
        """
        if verdict.status != "rejected":
            return
        if self._file is None:
            self._begin()
        self._writer.writerow(self._refused.cells(verdict))

    def _begin(self) -> None:
        # People's data: for the owner alone, and never through a link that others may have laid.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        try:
            opened = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise CommandError(
                f"refused rows can't be written to {self.path}: {error.strerror}; the same import "
                "again adds nothing twice"
            ) from error
        # The mark at its start tells Excel that it is UTF-8.
        self._file = os.fdopen(opened, "w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(self._refused.header)


def path_beside(file: Path) -> Path:
    """Names the file of refused rows.

    Args:
        file: What is imported, such as `leads.csv`.

    Returns:
        Such as `leads.rejected.csv`, in the same folder.
    """
    return file.with_name(f"{file.stem}.rejected.csv")
