"""What the HTTP shell holds for its lifetime, and how handlers reach it."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request
from redis.asyncio import Redis

from dialer.context import Context
from dialer.pipeline.reports.replay import AT_ONCE
from service.metrics import Metrics
from service.pages.board import Board
from service.pages.campaign_board import CampaignBoard
from service.refusals import Refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The core's context, the queue's client, and what this process counts.

    Attributes:
        closing: Set when the process stops, so that streams end and let it.
        replays: Turns to try a table of outcomes on past calls, which costs seconds of work.
    """

    context: Context
    queue: Redis
    metrics: Metrics
    refusals: Refusals
    board: Board
    campaign_board: CampaignBoard
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    replays: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def shell_of(request: Request) -> Shell:
    """The shell that this request came in through."""
    return cast("Shell", request.app.state.shell)


def context_of(request: Request) -> Context:
    """The core's context."""
    return shell_of(request).context


InShell = Annotated[Shell, Depends(shell_of)]
InContext = Annotated[Context, Depends(context_of)]
