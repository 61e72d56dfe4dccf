"""Sends what a browser would: the page's key with everything, and forms with their token."""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx2

FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Browser:
    """Signed in to the page of one sandbox; ``with Browser(url, key) as browser``.

    Args:
        url: The sandbox.
        key: Its control key.
    """

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._key = key
        self._http = httpx2.Client(base_url=f"{url}/sandbox/", trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str = "", headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Read a part of the page."""
        return self._http.get(path, auth=("anyone", self._key), headers=headers)

    def send(
        self,
        form: str,
        fields: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: bool = True,
        password: str | None = "",
    ) -> httpx2.Response:
        """Send a form as the page would, but for what is given.

        Args:
            form: Which, below ``/sandbox/page/``.
            fields: Its fields.
            headers: Instead of those by which a browser says where the form was.
            token: Whether to send the page's token.
            password: Instead of the key; None sends none.
        """
        told = dict(fields or {})
        if token:
            told["token"] = self.token()
        said = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return self._http.post(
            f"page/{form}",
            data=told,
            headers=said if headers is None else headers,
            auth=_signed_in(None if password is None else password or self._key),
        )

    def send_raw(self, form: str, body: bytes, kind: str) -> httpx2.Response:
        """Send a body in place of a form."""
        return self._http.post(
            f"page/{form}",
            content=body,
            headers={
                "Origin": self.url,
                "Sec-Fetch-Site": "same-origin",
                "Content-Type": kind,
            },
            auth=("anyone", self._key),
        )

    def token(self) -> str:
        """What the page's forms carry."""
        found = TOKEN.search(self.get("live").text)
        assert found is not None
        return found[1]


def _signed_in(password: str | None) -> httpx2.Auth:
    return httpx2.Auth() if password is None else httpx2.BasicAuth("anyone", password)
