"""Scenarios that run side by side on one system: what they wait for passes for all at once.

Each is a test by its own name: it fails with what its scenario raised.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.tenants import Tenants

Scenario = Callable[[Tenants], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What became of the scenarios.

    Attributes:
        raised: By the scenario's name what it raised; None where it went well.
        broken: What was found to be wrong once all of them were over.
    """

    raised: Mapping[str, BaseException | None]
    broken: BaseException | None

    def judge(self, name: str) -> None:
        """Raise what a scenario raised, or what is wrong with all that happened."""
        error = self.raised[name] or self.broken
        if error is not None:
            raise error


class Scenarios:
    """Collects a module's scenarios, and makes a test of each.

    Decorate `async def test_...(tenants)` with it. The module's fixture named `played` plays them
    all, once in a session, before the first of the tests is judged.
    """

    def __init__(self) -> None:
        self._scenarios: dict[str, Scenario] = {}

    def __call__(self, scenario: Scenario) -> Callable[..., None]:
        """Register a scenario; the test that stands for it."""
        name = scenario.__name__
        self._scenarios[name] = scenario

        @functools.wraps(scenario)
        def test(played: Played) -> None:
            played.judge(name)

        asks = inspect.Parameter("played", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = inspect.Signature([asks])  # type: ignore[attr-defined]  # what pytest reads to know the fixture
        return test

    async def play(
        self, tenants: Tenants, request: pytest.FixtureRequest
    ) -> dict[str, BaseException | None]:
        """Play those whose tests are to run, all at once; what each raised."""
        items: list[Any] = request.session.items
        chosen = {item.name for item in items}
        names = [name for name in self._scenarios if name in chosen]
        playing = (self._scenarios[name](tenants) for name in names)
        raised = await asyncio.gather(*playing, return_exceptions=True)
        return dict(zip(names, raised, strict=True))


async def caught(work: Awaitable[object]) -> BaseException | None:
    """What some work raised; None where it went well."""
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    return outcome if isinstance(outcome, BaseException) else None
