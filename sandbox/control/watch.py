"""What the experimenter can read: health, clock, rings, calls, counts."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.paging import read_number
from sandbox.clock import iso
from sandbox.control.gate import Gate
from sandbox.errors import missing
from sandbox.records import Recorder
from sandbox.state import Sandbox

MAX_RINGS = 10_000
MAX_SEQ = 1_000_000_000


class WatchRoutes:
    """The reading half of the control interface.

    Args:
        sandbox: What is read.
        gate: Lets the experimenter in.
        recorder: Describes calls.
    """

    def __init__(self, *, sandbox: Sandbox, gate: Gate, recorder: Recorder) -> None:
        self._sandbox = sandbox
        self._gate = gate
        self._recorder = recorder

    def routes(self) -> list[Route]:
        """The routes; health alone needs no key, for probes."""
        guard = self._gate.guard
        return [
            Route("/sandbox/health", self.health, methods=["GET"]),
            Route("/sandbox/clock", guard(self.clock), methods=["GET"]),
            Route("/sandbox/rings", guard(self.rings), methods=["GET"]),
            Route("/sandbox/calls/{call_id}", guard(self.call), methods=["GET"]),
            Route("/sandbox/stats", guard(self.stats), methods=["GET"]),
        ]

    async def health(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """Answers whenever the sandbox runs."""
        return json_answer({"status": "ok"})

    async def clock(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """Virtual and real time, and how one follows from the other."""
        return json_answer(self._sandbox.clock.described())

    async def rings(self, request: Request) -> Response:
        """Rings numbered above ``after``, at most ``limit``."""
        query = request.query_params
        after = read_number(query, "after", default=0, least=0, most=MAX_SEQ)
        limit = read_number(query, "limit", default=1_000, least=1, most=MAX_RINGS)
        rings = self._sandbox.rings
        answer = {
            "items": rings.after(after, limit),
            "total": len(rings),
            "last_seq": rings.last_seq,
        }
        return json_answer(answer)

    async def call(self, request: Request) -> Response:
        """A call with its fate: also what the API doesn't show, or not yet."""
        call = self._sandbox.calls.get(str(request.path_params["call_id"]))
        if call is None:
            raise missing("Call")
        answer: dict[str, Any] = asdict(call)
        for instant in ("created", "started", "visible"):
            answer[instant] = iso(answer[instant])
        stuck = call.as_entry()["ended"] is None
        answer["ended"] = None if stuck else iso(call.ended)
        answer["record"] = self._recorder.describe(call, self._sandbox.clock.now())
        return json_answer(answer)

    async def stats(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """Requests, rings and calls, counted."""
        now = self._sandbox.clock.now()
        statuses = Counter(call.status(now).value for call in self._sandbox.calls)
        answer = {
            "requests": self._sandbox.stats.requests(),
            "history_requests": self._sandbox.stats.history_requests(),
            "rings": len(self._sandbox.rings),
            "calls": dict(sorted(statuses.items())),
        }
        return json_answer(answer)
