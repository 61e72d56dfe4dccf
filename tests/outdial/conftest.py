"""Gives tests a data folder's parent as people have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outdial.machine import open_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own, see `open_folder`."""
    with open_folder() as path:
        yield path
