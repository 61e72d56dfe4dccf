"""`outdial up` with its real programs: a lead posted over HTTP rings once, and all of it stops."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from outdial.demo.campaign import rings
from outdial.embedded import postmaster
from outdial.machine.home import Home, Runtime
from outdial.speaking.client import Client, Target
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND, run

PATIENCE = 120.0


class Whole:
    """A real `outdial up` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """Starts it.

        Args:
            folder: The data folder's parent.
        """
        self.home = folder / ".outdial"
        plain = {k: v for k, v in os.environ.items() if not k.startswith("OUTDIAL_")}
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [*COMMAND, "up", "--home", str(self.home), "--rehearse", "60"],
            cwd=CHECKOUT,
            env=plain,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.up = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def runtime(self) -> Runtime:
        """What it wrote down."""
        return Home(self.home).runtime()

    @property
    def output(self) -> str:
        """All it printed so far."""
        return "\n".join(self.lines)

    def stop(self) -> int:
        """Ends it, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _read(self) -> None:
        if self.process.stdout is not None:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                if "Status page:" in line:
                    self.up.set()
        self.up.set()


@contextmanager
def whole(folder: Path) -> Iterator[Whole]:
    """Lends a real tree that is up."""
    tree = Whole(folder)
    try:
        assert tree.up.wait(PATIENCE)
        assert tree.process.poll() is None, tree.output
        yield tree
    finally:
        tree.stop()


def wait_until(happened: Callable[[], bool], tree: Whole) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, tree.output
        time.sleep(0.1)


def client_of(runtime: Runtime) -> Client:
    """A client of the tree's API, with the key that it wrote down."""
    return Client(target=Target(url=runtime.addresses["api"], key=str(runtime.api_key)))


def test_a_lead_rings_once_and_nothing_is_left_running(folder: Path) -> None:
    with whole(folder) as tree:
        runtime = tree.runtime
        assert [p.name for p in runtime.processes] == ["warden", "sandbox", "api", "worker"]
        assert str(runtime.api_key) in tree.output
        assert f"{runtime.addresses['api']}/login?token=" in tree.output.replace("\n", "")
        with client_of(runtime) as client:
            plan = {"partner_business_id": "biz_demo", "partner_agent_id": "agent_demo"}
            plan |= {"name": "x", "cadence": {"max_attempts": 1}}  # type: ignore[dict-item]  # JSON
            campaign = client.post("/v1/campaigns", plan)["id"]
            client.post(f"/v1/campaigns/{campaign}/start")
            lead = client.post("/v1/leads", {"campaign_id": campaign, "phone": "(212) 555-0142"})
            path = f"/v1/leads/{lead['lead_id']}"
            wait_until(lambda: client.get(path)["state"] == "done", tree)
            (call,) = client.get(path)["calls"]
        (ring,) = rings(runtime.addresses["sandbox"], str(runtime.sandbox_key))
        assert (ring["phone"], ring["request_id"]) == ("+12125550142", call["id"])
        beside = run("status", OUTDIAL_HOME=str(tree.home))
        assert beside.exit_code == 0
        assert run("doctor", OUTDIAL_HOME=str(tree.home)).exit_code == 0
        assert tree.stop() == 0
        assert not any(process.stamp.running() for process in runtime.processes)
        assert postmaster.find(tree.home / "postgres" / "data") is None


def test_a_second_start_keeps_leads_keys_and_addresses(folder: Path) -> None:
    with whole(folder) as tree:
        first = tree.runtime
        with client_of(first) as client:
            plan = {"name": "x", "partner_business_id": "b", "partner_agent_id": "a"}
            campaign = client.post("/v1/campaigns", plan)["id"]
            client.post("/v1/leads", {"campaign_id": campaign, "phone": "2125550142"})
    # A key that got lost is replaced; the addresses stay.
    Home(tree.home).save(tree.runtime.model_copy(update={"api_key": None}))
    with whole(folder) as tree:
        second = tree.runtime
        assert second.addresses == first.addresses
        assert second.organization_id == first.organization_id
        assert second.api_key not in {None, first.api_key}
        for runtime in (first.model_copy(update={"addresses": second.addresses}), second):
            with client_of(runtime) as client:
                assert client.get("/v1/ledger")["total"]["waiting"] == 1
        link = next(line for line in tree.lines if line.startswith("Status page:"))
        page = httpx2.get(link.partition(": ")[2], trust_env=False, timeout=30)
        assert page.status_code == 200
