"""Fixtures shared by all tests: real servers, a migrated template, a database a test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from outdial.machine.database import upgrade
from tests.support.servers import create_database, drop_database, postgres_url, valkey_url

TEMPLATE = "outdial_template"
LONGEST_FIRST = ("faults", "browser", "flows", "year", "model", "outdial", "provision")
"""Folders whose files take minutes: begun last, one of them would keep everybody waiting."""

# How long a case takes is the machine's affair, and no test's.
settings.register_profile("outdial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("outdial")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; files are given out whole, in this order."""
    here = Path(__file__).parent
    rank = {folder: number for number, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.relative_to(here).parts[0], len(rank)))


@pytest.fixture(scope="session")
def template() -> str:
    """A migrated, empty database to copy."""
    upgrade(create_database(postgres_url(), TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{uuid4().hex}"
    yield create_database(postgres_url(), name, template)
    drop_database(postgres_url(), name)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The test process's Valkey."""
    return valkey_url()
