"""Gives tests a data folder's parent as people have it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of root's servers can pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="outdial-tests-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)
