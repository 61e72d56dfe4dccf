"""Gives the tests of a module a sandbox of their own, and the command line beside it."""

from collections.abc import Iterator

import pytest

from tests.outdial.upstream.beside import KEY, Beside
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="module")
def beside() -> Iterator[Beside]:
    """A sandbox in which a minute passes in a second, and the command line beside it."""
    with SandboxProcess(clock_speed=60) as sandbox:
        environ = {
            "OUTDIAL_PARTNER_BASE_URL": sandbox.base_url,
            "OUTDIAL_PARTNER_API_KEY": KEY,
        }
        yield Beside(sandbox=sandbox, environ=environ)
