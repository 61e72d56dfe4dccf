"""What was refused only for its rate is sent again, and nothing else is."""

import pytest

from partner import Evidence, Refused
from provision.patience import TRIES, patiently

NOTHING = Evidence(status=429, headers={}, body="", elapsed_ms=1, server_date=None)


def refusal(code: str) -> Refused:
    if code == "rate_limited":
        return Refused("rate_limited", "later", evidence=NOTHING, status=429, retry_after=0.0)
    return Refused("bad_request", "no", evidence=NOTHING, status=400)


class Server:
    """Refuses so many times, then answers."""

    def __init__(self, times: int, code: str) -> None:
        self.asked = 0
        self._times = times
        self._code = code

    async def ask(self) -> str:
        """The answer, or the refusal."""
        self.asked += 1
        if self.asked <= self._times:
            raise refusal(self._code)
        return "answer"


@pytest.mark.asyncio
@pytest.mark.parametrize("times", [0, 1, TRIES - 1])
async def test_it_waits_as_often_as_it_is_asked_to(times: int) -> None:
    server, rests = Server(times, "rate_limited"), list[float]()
    assert await patiently(server.ask, on_rest=rests.append) == "answer"
    assert rests == [0.0] * times


@pytest.mark.asyncio
async def test_it_gives_up_in_the_end() -> None:
    server = Server(TRIES, "rate_limited")
    with pytest.raises(Refused, match="later"):
        await patiently(server.ask)
    assert server.asked == TRIES


@pytest.mark.asyncio
async def test_any_other_refusal_is_final() -> None:
    server = Server(1, "bad_request")
    with pytest.raises(Refused, match="no"):
        await patiently(server.ask)
    assert server.asked == 1
