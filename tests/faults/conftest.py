"""Servers of the fault tests' own, started at the first test that breaks one."""

from collections.abc import Iterator

import pytest

from tests.faults.rig.servers import Servers, servers


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    """A PostgreSQL and a Valkey that may be killed, restarted and emptied."""
    with servers() as made:
        yield made
