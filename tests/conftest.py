"""Fixtures shared by all tests: real servers, a migrated template, a database a test."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from outdial.machine.database import upgrade
from tests.support.servers import create_database, drop_database, postgres_url, valkey_url

TEMPLATE = "outdial_template"

# How long a case takes is the machine's affair, and no test's.
settings.register_profile("outdial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("outdial")


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
