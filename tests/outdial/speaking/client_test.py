"""Where a command finds the API, and what it makes of its answers."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from outdial.machine.home import Home, Runtime
from outdial.speaking.client import Client, RefusedError, Target, UnreachableError, runtime, target
from outdial.speaking.speech import CommandError, Exit
from tests.outdial.serving import Serving


class Elsewhere(SimpleHTTPRequestHandler):
    """A web server of somebody else's, which doesn't know our paths."""

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


OURS = "http://127.0.0.1:8000"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder in which a tree ran."""
    place = Home(tmp_path / ".outdial")
    place.save(Runtime(addresses={"api": OURS}, api_key="odk_ours"))
    return place.path


def test_the_running_tree_is_found(home: Path) -> None:
    assert target(None, None, home) == Target(url=OURS, key="odk_ours")


def test_what_is_given_goes_before(home: Path) -> None:
    given = Target(url="https://outdial.example.com", key="odk_given")
    assert target(f"{given.url}/", given.key, home) == given


def test_our_key_is_shown_to_no_other_address(home: Path) -> None:
    with pytest.raises(CommandError, match="no key for https://elsewhere"):
        target("https://elsewhere.example.com", None, home)


def test_without_an_address_it_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="run this beside `outdial up`"):
        target(None, None, tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_address_that_is_none_is_told(home: Path) -> None:
    with pytest.raises(CommandError, match="not an http") as caught:
        target("ftp://x", "k", home)
    assert caught.value.code is Exit.USAGE


def test_a_folder_that_others_may_write_to_is_not_trusted(home: Path) -> None:
    home.chmod(0o777)
    with pytest.raises(CommandError, match="chmod go-w"):
        runtime(home)


def test_no_secret_is_in_a_representation() -> None:
    assert "odk_given" not in repr(Target(url=OURS, key="odk_given"))


def test_a_list_is_read_to_its_end(service: Serving) -> None:
    campaign = service.campaign("pages")
    rows = [{"phone": f"212-555-01{n:02d}"} for n in range(100)]
    rows += [{"phone": f"303-555-01{n:02d}"} for n in range(100)]
    rows += [{"phone": f"404-555-01{n:02d}"} for n in range(50)]
    with service.client() as client:
        client.post("/v1/leads/bulk", {"campaign_id": campaign, "leads": rows})
        assert len({lead["id"] for lead in client.every("/v1/leads", campaign_id=campaign)}) == 250


def test_a_refusal_is_told_in_the_words_of_the_service(service: Serving) -> None:
    with service.client() as client, pytest.raises(RefusedError, match="HTTP 422") as caught:
        client.post("/v1/campaigns", {"nmae": "x", "calls_per_minute": 0})
    assert caught.value.status == 422
    assert "/nmae" in str(caught.value)
    assert "/calls_per_minute" in str(caught.value)


def test_a_single_fault_is_told_with_its_place(service: Serving) -> None:
    plan = {"name": "x", "partner_business_id": "b", "partner_agent_id": "a"}
    with service.client() as client, pytest.raises(RefusedError, match="HTTP 422") as caught:
        client.post("/v1/campaigns", {**plan, "calls_per_minute": 0})
    assert "/calls_per_minute: " in str(caught.value)


def test_a_wrong_key_is_told(service: Serving) -> None:
    wrong = Target(url=service.target.url, key="odk_x_y")
    with Client(target=wrong) as client, pytest.raises(RefusedError, match="API key"):
        client.get("/v1/ledger")


def test_what_is_not_outdial_is_told(service: Serving) -> None:
    with service.client() as client, pytest.raises(RefusedError, match="not Outdial"):
        client.get("/metrics")


def test_a_refusal_of_something_else_is_not_taken_for_ours(tmp_path: Path) -> None:
    with (
        ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(Elsewhere, directory=str(tmp_path))
        ) as other,
        ThreadPoolExecutor() as pool,
    ):
        pool.submit(other.serve_forever)
        url = f"http://127.0.0.1:{other.server_port}"
        try:
            with (
                Client(target=Target(url=url, key="k")) as client,
                pytest.raises(RefusedError, match="is not Outdial") as caught,
            ):
                client.get("/v1/ledger")
        finally:
            other.shutdown()
    assert f"{url} is not Outdial (HTTP 404); check the address: --url" in str(caught.value)


def test_reading_is_tried_again_and_writing_without_a_key_is_not() -> None:
    pauses: list[float] = []
    nowhere = Target(url="http://127.0.0.1:1", key="odk_x")
    with Client(target=nowhere, pause=pauses.append) as client:
        with pytest.raises(UnreachableError):
            client.post("/v1/campaigns", {})
        assert pauses == []
        with pytest.raises(UnreachableError):
            client.get("/v1/ledger")
        assert pauses == [0.5, 1.0, 2.0]
        with pytest.raises(UnreachableError):
            client.post_keyed("/v1/leads/bulk", b"{}", key="k")
        assert len(pauses) == 6
