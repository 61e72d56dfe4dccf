"""Gives tests a data folder's parent as people have it, and a running service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outdial.host import open_folder
from tests.outdial.serving import Serving, serving
from tests.support import servers


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own, see `open_folder`."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="package")
def service(
    template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """A service that the tests of commands share, each with campaigns of its own."""
    home = tmp_path_factory.mktemp("home")
    with (
        servers.database(template, name="commands") as url,
        serving(database_url=url, redis_url=redis_url, home=home) as running,
    ):
        yield running
