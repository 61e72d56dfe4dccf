"""Follows the statements in a connection to PostgreSQL, and strikes at moments of them.

Source: "Message Formats" of PostgreSQL's frontend/backend protocol. Parse (P) gives a statement's
text a name, Bind (B) names the statement that runs, Query (Q) carries its text; the driver sends
BEGIN and COMMIT as queries.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.rig.moment import Moment, When
from tests.faults.rig.proxy import Do, Way


@dataclass(eq=False)
class PostgresTap:
    """A tap for one connection.

    Args:
        moments: What to strike at, shared by the connections of a proxy.
    """

    moments: list[Moment]
    _buffer: bytes = b""
    _started: bool = False
    _texts: dict[bytes, str] = field(default_factory=dict)
    _seen: list[str] = field(default_factory=list)
    _committing: list[str] = field(default_factory=list)
    _committed: list[str] = field(default_factory=list)

    def see(self, way: Way, piece: bytes) -> Do:
        """Say what becomes of the piece."""
        if way is Way.TO_SERVER:
            ways = [self._ran(statement) for statement in self._statements(piece)]
            return next((do for do in ways if do is not Do.PASS), Do.PASS)
        self._committed, self._committing = self._committing, []
        return self._strikes(When.COMMITTED, self._committed)

    def passed(self, way: Way) -> Do:
        """Say what becomes of the connection, now that the piece went on."""
        if way is Way.TO_SERVER:
            return Do.PASS
        committed, self._committed = self._committed, []
        return self._strikes(When.HEARD, committed)

    def _ran(self, statement: str) -> Do:
        if statement.startswith(("BEGIN", "ROLLBACK")):
            self._seen = []
            return Do.PASS
        if not statement.startswith("COMMIT"):
            self._seen.append(statement)
            return self._strikes(When.STATEMENT, [statement])
        self._committing, self._seen = self._seen, []
        return self._strikes(When.COMMIT, self._committing)

    def _strikes(self, when: When, statements: list[str]) -> Do:
        for moment in self.moments:
            named = moment.when is when and any(moment.of in s for s in statements)
            if named and moment.take():
                return moment.then
        return Do.PASS

    def _statements(self, piece: bytes) -> Iterator[str]:
        for kind, body in self._messages(piece):
            if kind == b"P":
                name, _, rest = body.partition(b"\0")
                self._texts[name] = _plain(rest.partition(b"\0")[0])
            elif kind == b"B":
                _portal, name, _rest = body.split(b"\0", 2)
                yield self._texts.get(name, "")
            elif kind == b"Q":
                yield _plain(body.rstrip(b"\0"))

    def _messages(self, piece: bytes) -> Iterator[tuple[bytes, bytes]]:
        self._buffer += piece
        if not self._started and len(self._buffer) >= 4:
            # The first message has no kind. A request for TLS (eight bytes) is answered, and the
            # true first message follows.
            (size,) = struct.unpack_from("!I", self._buffer)
            if len(self._buffer) >= size:
                self._started = size > 8
                self._buffer = self._buffer[size:]
        while self._started and len(self._buffer) >= 5:
            (size,) = struct.unpack_from("!I", self._buffer, 1)
            if len(self._buffer) < size + 1:
                return
            kind, body = self._buffer[:1], self._buffer[5 : size + 1]
            self._buffer = self._buffer[size + 1 :]
            yield kind, body


def _plain(statement: bytes) -> str:
    return " ".join(statement.decode(errors="replace").split())
