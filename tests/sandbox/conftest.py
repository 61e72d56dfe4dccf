"""One fast and one nearly frozen sandbox for each test process; clean before each test."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.sandbox.desk import Desk
from tests.sandbox.workshop import Workshop
from tests.sandbox.worlds import CLOCK_START, Tenant, clean, client
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="session")
def fast_process() -> Iterator[SandboxProcess]:
    """An hour passes each second: calls end at once."""
    with SandboxProcess(clock_start=CLOCK_START, clock_speed=3600.0) as process:
        yield process


@pytest.fixture(scope="session")
def frozen_process() -> Iterator[SandboxProcess]:
    """A thousandth of the real speed: calls stay where they are."""
    with SandboxProcess(clock_start=CLOCK_START, clock_speed=0.001) as process:
        yield process


@pytest.fixture
def sandbox(fast_process: SandboxProcess) -> SandboxProcess:
    """The fast sandbox, without faults, with the demo agent on duty."""
    clean(fast_process)
    return fast_process


@pytest.fixture
def frozen(frozen_process: SandboxProcess) -> SandboxProcess:
    """The frozen sandbox, without faults, with the demo agent on duty."""
    clean(frozen_process)
    return frozen_process


@pytest.fixture
def api(sandbox: SandboxProcess) -> Iterator[httpx2.Client]:
    """A client of the fast sandbox with the demo organization's key."""
    with client(sandbox) as opened:
        yield opened


@pytest.fixture
def workshop(sandbox: SandboxProcess) -> Iterator[Workshop]:
    """A business of its own in the fast sandbox, with its key."""
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        yield Workshop(sandbox=sandbox, tenant=tenant, api=api)


@pytest.fixture
def desk(sandbox: SandboxProcess) -> Iterator[Desk]:
    """A business of its own without a phone, in the fast sandbox."""
    with Desk(sandbox) as opened:
        yield opened


@pytest.fixture
def office(sandbox: SandboxProcess) -> Iterator[Desk]:
    """A business of its own with a phone in area code 504, in the fast sandbox."""
    with Desk(sandbox, phone="+15045550142") as opened:
        yield opened


@pytest.fixture
def still(frozen: SandboxProcess) -> Iterator[Desk]:
    """A business of its own without a phone, in the frozen sandbox."""
    with Desk(frozen) as opened:
        yield opened
