"""Speaks to the API on a command's behalf: where it is, with which key, and what it refused."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import httpx2
import typer

from outdial.machine.home import Home, HomeError, Runtime
from outdial.speaking.speech import CommandError, Exit

UrlOption = Annotated[
    str | None,
    typer.Option("--url", envvar="OUTDIAL_URL", help="Address of the API.", show_default=False),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="OUTDIAL_API_KEY",
        help="API key; better in the environment, where other users can't read it.",
        show_default=False,
        show_envvar=True,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]

_SECONDS = 60.0
_PAGE = 200
_PAUSES = (0.5, 1.0, 2.0)
_TRANSIENT = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A good answer: its JSON object, and whether it repeats that to an earlier request."""

    body: dict[str, Any]
    replayed: bool


class UnreachableError(CommandError):
    """The API doesn't answer; what was asked may or may not have been done."""


class RefusedError(CommandError):
    """The API refused; `status` is its HTTP status, `reason` the stable code of its problem."""

    def __init__(self, message: str, *, status: int, reason: str = "refused") -> None:
        """Takes what the API said.

        Args:
            message: For people.
            status: The HTTP status.
            reason: For programs.
        """
        super().__init__(message)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the API is and the key to it."""

    url: str
    key: str = field(repr=False)


def target(url: str | None, key: str | None, home: Path) -> Target:
    """Decides which API a command speaks to.

    Args:
        url: From the command line or OUTDIAL_URL; else the address of the `outdial up` of `home`.
        key: From the command line or OUTDIAL_API_KEY; else the key that `outdial up` wrote down.
        home: The data folder.

    Returns:
        Where to ask.

    Raises:
        CommandError: Either is missing, or the address can't be one.
    """
    kept = runtime(home)
    address = url or kept.addresses.get("api")
    if address is None:
        raise CommandError(
            "no API to talk to: run this beside `outdial up`, or give --url (or OUTDIAL_URL)"
        )
    # The key that lies here is for the API that runs here, and is shown to no other.
    ours = kept.api_key if address == kept.addresses.get("api") else None
    secret = key or ours
    if secret is None:
        raise CommandError(f"no key for {address}: give --key (or OUTDIAL_API_KEY)")
    if urlsplit(address).scheme not in {"http", "https"}:
        raise CommandError(f"{address} is not an http(s) address", code=Exit.USAGE)
    return Target(url=address.rstrip("/"), key=secret)


def runtime(home: Path) -> Runtime:
    """Reads what the running, or last, tree of a folder wrote down.

    Args:
        home: The data folder; it isn't created.

    Returns:
        Empty where nothing ever ran there.

    Raises:
        CommandError: The folder isn't ours, or can't be read.
    """
    if not home.is_dir():
        return Runtime()
    try:
        return Home(home).runtime()
    except (HomeError, OSError) as error:
        raise CommandError(str(error)) from error


class Client:
    """The API, as commands use it."""

    def __init__(self, *, target: Target, pause: Callable[[float], object] = time.sleep) -> None:
        """Takes where to ask; nothing is sent.

        Args:
            target: Address and key.
            pause: Waits some seconds between two tries.
        """
        self._target = target
        self._pause = pause
        self._http = httpx2.Client(
            base_url=target.url,
            headers={"Authorization": f"Bearer {target.key}", "User-Agent": "outdial-cli"},
            timeout=_SECONDS,
            # A proxy of the environment has no business with an address on this machine.
            trust_env=not _is_local(target.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    @property
    def url(self) -> str:
        """The API's address."""
        return self._target.url

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """Reads something.

        Args:
            path: Such as `/v1/ledger`.
            query: Parameters; those that are None are left out.

        Returns:
            The JSON object.

        Raises:
            UnreachableError: Nothing answers.
            RefusedError: The API refused.
        """
        given = {name: str(value) for name, value in query.items() if value is not None}
        return self._ask(self._http.build_request("GET", path, params=given)).body

    def every(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Reads a list to its end, page by page.

        Args:
            path: A list with cursors, such as `/v1/calls`.
            query: Filters.

        Yields:
            Its items, oldest first.

        Raises:
            UnreachableError: Nothing answers.
            RefusedError: The API refused.
        """
        cursor: str | None = None
        while True:
            page = self.get(path, limit=_PAGE, cursor=cursor, **query)
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def post(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Sends something, once.

        Args:
            path: Such as `/v1/campaigns`.
            body: A JSON object, where the path wants one.

        Returns:
            The JSON object of the answer.

        Raises:
            UnreachableError: Nothing answers; it may have been done.
            RefusedError: The API refused.
        """
        given = None if body is None else dict(body)
        return self._once(self._http.build_request("POST", path, json=given)).body

    def patch(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Changes parts of something, once.

        Args:
            path: Such as `/v1/rules`.
            body: A JSON object: the parts that change.

        Returns:
            The JSON object of the answer.

        Raises:
            UnreachableError: Nothing answers; it may have been done.
            RefusedError: The API refused.
        """
        return self._once(self._http.build_request("PATCH", path, json=dict(body))).body

    def delete(self, path: str) -> None:
        """Takes something away.

        Args:
            path: Such as `/v1/keys/{id}`.

        Raises:
            UnreachableError: Nothing answers.
            RefusedError: The API refused.
        """
        self._once(self._http.build_request("DELETE", path))

    def post_keyed(self, path: str, content: bytes, *, key: str, **query: str) -> Answer:
        """Sends something under an Idempotency-Key, so that trying again is harmless.

        Args:
            path: Such as `/v1/leads/bulk`.
            content: A JSON object, written; every try sends the same bytes.
            key: The Idempotency-Key.
            query: Parameters.

        Returns:
            The answer.

        Raises:
            UnreachableError: Nothing answered at the fourth try either.
            RefusedError: The API refused.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._ask(
            self._http.build_request("POST", path, content=content, headers=headers, params=query)
        )

    def _ask(self, request: httpx2.Request) -> Answer:
        for seconds in _PAUSES:
            try:
                return self._once(request)
            except UnreachableError:
                self._pause(seconds)
        return self._once(request)

    def _once(self, request: httpx2.Request) -> Answer:
        try:
            answer = self._http.send(request)
        except httpx2.HTTPError as error:
            raise UnreachableError(f"{self.url} does not answer ({_reason(error)})") from error
        if answer.status_code in _TRANSIENT:
            raise UnreachableError(f"{self.url} can't work now: {_detail(answer)}")
        if answer.is_success:
            replayed = "Idempotent-Replayed" in answer.headers
            return Answer(body=self._object(answer), replayed=replayed)
        if not _is_problem(answer):
            raise self._stranger(answer)
        raise RefusedError(_detail(answer), status=answer.status_code, reason=_code(answer))

    def _object(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            found = answer.json() if answer.content else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._stranger(answer)
        return found

    def _stranger(self, answer: httpx2.Response) -> RefusedError:
        # Ours tells every refusal as a problem (RFC 9457), those of its framework included.
        return RefusedError(
            f"what answers at {self.url} is not Outdial (HTTP {answer.status_code}); check the "
            "address: --url, or OUTDIAL_URL",
            status=answer.status_code,
        )


def _is_problem(answer: httpx2.Response) -> bool:
    return answer.headers.get("Content-Type", "").startswith("application/problem+json")


def _detail(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        faults = [f"{one['pointer']}: {one['message']}" for one in problem.get("errors", [])]
        said = str(problem["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"HTTP {answer.status_code}"
    return f"{'; '.join([said, *faults])} (HTTP {answer.status_code})"


def _code(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return "refused"


def _reason(error: httpx2.HTTPError) -> str:
    return str(error) or type(error).__name__


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
