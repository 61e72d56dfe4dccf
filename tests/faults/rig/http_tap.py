"""Follows the requests in a connection to an HTTP server, and strikes at moments of them."""

from dataclasses import dataclass, field

from tests.faults.rig.moment import Moment, When
from tests.faults.rig.proxy import Do, Way

_END_OF_HEADERS = b"\r\n\r\n"


@dataclass(eq=False)
class HttpTap:
    """A tap for one connection of HTTP/1.1, one request after the other.

    Args:
        moments: What to strike at, shared by the connections of a proxy.
    """

    moments: list[Moment]
    _unread: bytes = b""
    _line: str = ""
    _missing: int = 0
    _heard: bool = False
    _next: list[Moment] = field(default_factory=list)

    def see(self, way: Way, piece: bytes) -> Do:
        """Say what becomes of the piece."""
        if way is Way.TO_CLIENT:
            return self._answered()
        do = Do.PASS
        if not self._line or self._heard:
            self._line, self._heard, self._missing = _first_line(self._unread + piece), False, 0
            do = self._strikes(When.REQUEST)
        self._follow(piece)
        return do

    def passed(self, way: Way) -> Do:
        """Say what becomes of the connection, now that the piece went on."""
        if way is Way.TO_CLIENT:
            return self._strikes(When.ANSWERED)
        return self._strikes(When.SENT) if self._line and not self._missing else Do.PASS

    def _answered(self) -> Do:
        self._heard = True
        return self._strikes(When.ANSWER)

    def _follow(self, piece: bytes) -> None:
        """Count how much of the request is still to come; -1 while its headers are."""
        if self._missing > 0:
            self._missing = max(self._missing - len(piece), 0)
            return
        self._unread += piece
        head, end, body = self._unread.partition(_END_OF_HEADERS)
        self._missing = -1
        if end:
            self._missing = max(_length(head) - len(body), 0)
            self._unread = b""

    def _strikes(self, when: When) -> Do:
        for moment in self.moments:
            if moment.when is when and moment.of in self._line and moment.take():
                return moment.then
        return Do.PASS


def _first_line(piece: bytes) -> str:
    return piece.partition(b"\r\n")[0].decode("latin-1")


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
