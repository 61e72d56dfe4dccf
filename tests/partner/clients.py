"""Makes impatient clients for the tests of the Partner API client."""

import dataclasses
import ssl
import time
from collections.abc import Callable

from partner import CallRequest, ClientCredentials, PartnerClient, StaticKey, Timeouts
from tests.support.raw_server import RawServer

KEY = "key-that-must-not-leak"
SECRET = "secret-that-must-not-leak"
PHONE = "+12125550123"
REQUEST = CallRequest(phone_number=PHONE, name="Ada Example")
PLACED = {"success": True, "callId": "call-1", "phoneNumber": PHONE, "status": "initiated"}
PATIENT = Timeouts(connect=5, pool=5, silence=10, total=20, call_total=20, token_total=10)


def client_for(
    where: RawServer | str,
    *,
    credentials: StaticKey | ClientCredentials | None = None,
    max_connections: int = 100,
    clock: Callable[[], float] = time.monotonic,
    tls: ssl.SSLContext | None = None,
    **limits: float,
) -> PartnerClient:
    """A client of a raw server (or a base URL); ``limits`` are fields of ``Timeouts``."""
    return PartnerClient(
        base_url=where if isinstance(where, str) else where.base_url,
        credentials=credentials or StaticKey(KEY),
        timeouts=dataclasses.replace(PATIENT, **limits),
        max_connections=max_connections,
        clock=clock,
        tls=tls,
    )
