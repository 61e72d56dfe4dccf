"""Fixtures of the tests of agents as code: a sandbox, and a business of the test's own in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.provision.workbench import Workbench
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """A sandbox in which files are processed in no time."""
    with SandboxProcess(clock_speed=500) as running:
        yield running


@pytest_asyncio.fixture
async def bench(sandbox: SandboxProcess, tmp_path: Path) -> AsyncIterator[Workbench]:
    """A workbench in an empty business; no fault is set."""
    async with Workbench.new(sandbox, tmp_path) as made:
        yield made
        sandbox.clear_faults()
