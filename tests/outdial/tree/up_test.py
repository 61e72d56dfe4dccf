"""One foreground tree: it comes up, stays up, stops as one, and takes over after a kill."""

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from outdial.embedded import postmaster
from outdial.embedded.ports import free_port
from outdial.machine.processes import ProcessStamp
from tests.outdial.host import modes
from tests.outdial.tree.foreground import PATIENCE, Foreground

KILL = ((signal.SIGKILL, 10.0),)
CRASH = "print('the reason', flush=True); raise SystemExit(9)"


def fetch(url: str) -> str:
    """Gets a page of the tree."""
    return httpx2.get(url, timeout=10, trust_env=False).text


def address(url: str) -> str:
    """The host and port in a server's URL."""
    return url.rpartition("@")[2].partition("/")[0]


def is_closed(url: str) -> bool:
    """Whether nothing listens at an address any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def wait_until(happened: Callable[[], bool]) -> None:
    """Waits, for a minute at most, until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def valkey_process(tree: Foreground) -> ProcessStamp:
    """The embedded Valkey of a tree."""
    pid, started = json.loads((tree.home / "valkey" / "server.json").read_text())["process"]
    return ProcessStamp(pid=pid, started=started)


def postgres_process(tree: Foreground) -> ProcessStamp:
    """The embedded PostgreSQL of a tree."""
    found = postmaster.find(tree.home / "postgres" / "data")
    assert found is not None
    return found.process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_of_it_in_reverse_order(folder: Path, number: signal.Signals) -> None:
    with Foreground(folder) as tree:
        runtime = tree.up().runtime
        assert [process.name for process in runtime.processes] == ["warden", "sandbox", "api"]
        assert runtime.addresses["api"] in tree.output
        assert runtime.api_key == "key-of-the-first-start"
        assert str(runtime.sandbox_key) in tree.output
        fetch(runtime.addresses["api"])
        assert tree.end(number) == 0
        tree.wait_for("sandbox says goodbye")
        assert tree.output.index("api says goodbye") < tree.output.index("sandbox says goodbye")
        assert not any(process.stamp.running() for process in runtime.processes)
        assert is_closed(runtime.addresses["api"])
        assert tree.runtime.pid == 0
        assert tree.runtime.processes == ()


def test_a_ctrl_c_reaches_the_parent_alone(folder: Path) -> None:
    with Foreground(folder) as tree:
        tree.up()
        subprocess.run(["/bin/kill", "-INT", "--", f"-{tree.process.pid}"], check=True)  # noqa: S603 - as a terminal does
        assert tree.process.wait(60) == 0
        tree.wait_for("sandbox says goodbye")
        assert "KeyboardInterrupt" not in tree.output
        assert "ended with" not in tree.output


def test_a_second_one_names_the_first_ones_address_and_process(folder: Path) -> None:
    with Foreground(folder) as tree:
        address = tree.up().runtime.addresses["api"]
        with Foreground(folder) as second:
            assert second.process.wait(60) == 3
            second.wait_for(address)
            assert str(tree.process.pid) in second.output
        fetch(address)


def test_a_start_can_be_interrupted(folder: Path) -> None:
    with Foreground(folder, worse="import time; time.sleep(60)") as tree:
        tree.wait_for("sandbox says hello")
        assert tree.end(signal.SIGTERM) == 0
        assert tree.runtime.processes == ()
        assert "Outdial is up" not in tree.output


def test_a_second_signal_does_not_wait_for_stubborn_children(folder: Path) -> None:
    stubborn = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('not yet', flush=True))\n"
        'print(\'{"event": "ready"}\', flush=True)\n'
        "while True: time.sleep(60)\n"
    )
    with Foreground(folder, worse=stubborn) as tree:
        tree.up()
        tree.process.terminate()
        tree.wait_for("not yet")
        assert tree.end(signal.SIGTERM) == 0
        assert tree.runtime.processes == ()


def test_a_child_that_dies_is_started_again_and_it_is_said(folder: Path) -> None:
    with Foreground(folder) as tree:
        tree.up()
        first = tree.stamp("sandbox")
        assert first.end(KILL)
        tree.wait_for("ended with signal SIGKILL; starting again in 0.5 s")
        tree.wait_for("is back")
        tree.wait_for("sandbox says hello", times=2)
        assert tree.stamp("sandbox") != first
        assert "\x1b[31m" not in tree.output
        assert tree.end(signal.SIGTERM) == 0


def test_a_program_that_never_comes_up_ends_the_tree_with_its_last_words(folder: Path) -> None:
    with Foreground(folder, worse=CRASH) as tree:
        assert tree.process.wait(60) == 1
        tree.wait_for("worse does not start")
        assert tree.output.count("the reason") > 3
        assert tree.runtime.processes == ()
        assert "sandbox says goodbye" in tree.output


def test_a_port_that_is_asked_for_is_taken_or_refused(folder: Path) -> None:
    port = free_port()
    with Foreground(folder, port=port) as tree:
        assert tree.up().runtime.addresses["api"] == f"http://127.0.0.1:{port}"
        assert tree.end(signal.SIGTERM) == 0
    with socket.create_server(("127.0.0.1", port)), Foreground(folder, port=port) as tree:
        assert tree.process.wait(60) == 1
        tree.wait_for(f"port {port} of 127.0.0.1 is taken")


def test_addresses_and_keys_stay_the_same_where_they_can(folder: Path) -> None:
    with Foreground(folder) as tree:
        first = tree.up().runtime
        assert tree.end(signal.SIGTERM) == 0
    with Foreground(folder) as tree:
        assert tree.up().runtime.addresses == first.addresses
        assert tree.runtime.sandbox_key == first.sandbox_key
        assert tree.end(signal.SIGTERM) == 0


def test_children_of_a_killed_parent_end_by_themselves(folder: Path) -> None:
    with Foreground(folder) as tree:
        processes = tree.up().runtime.processes
        assert tree.end(signal.SIGKILL) == -signal.SIGKILL
        assert all(process.stamp.wait(60) for process in processes)


def test_what_even_the_warden_could_not_end_the_next_start_does(folder: Path) -> None:
    with Foreground(folder) as tree:
        runtime = tree.up().runtime
        assert tree.stamp("warden").end(KILL)
        tree.end(signal.SIGKILL)
        fetch(runtime.addresses["api"])
        with Foreground(folder) as second:
            second.up()
            assert "left by a tree that was killed" in second.output
            assert not any(process.stamp.running() for process in runtime.processes)
            assert second.runtime.addresses == runtime.addresses
            fetch(runtime.addresses["api"])
            assert second.end(signal.SIGTERM) == 0


def test_a_stranger_with_an_orphans_id_is_left_alone(folder: Path) -> None:
    with Foreground(folder) as tree:
        tree.up()
        assert tree.end(signal.SIGTERM) == 0
        stored = json.loads((tree.home / "runtime.json").read_text())
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        stored["processes"] = [{"name": "api", "pid": stranger.pid, "started": "long ago"}]
        (tree.home / "runtime.json").write_text(json.dumps(stored))
        with Foreground(folder) as tree:
            tree.up()
            assert tree.end(signal.SIGTERM) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_the_embedded_servers_come_and_go_with_the_tree(folder: Path) -> None:
    before = modes(folder, Path(sys.prefix), Path("/var/lib"))
    with Foreground(folder, embedded=True) as tree:
        runtime = tree.up().runtime
        assert fetch(runtime.addresses["api"]) == runtime.database_url
        servers = [postgres_process(tree), valkey_process(tree)]
        password = runtime.database_url.partition("@")[0].rpartition(":")[2]
        assert password not in tree.output
        assert stat.S_IMODE((tree.home / "runtime.json").stat().st_mode) == 0o600
        assert tree.end(signal.SIGTERM) == 0
        assert not any(server.running() for server in servers)
    with Foreground(folder, embedded=True) as tree:
        assert password in tree.up().runtime.database_url
        assert tree.end(signal.SIGTERM) == 0
    assert modes(folder, Path(sys.prefix), Path("/var/lib")) == before


def test_embedded_servers_are_adopted_after_a_kill_and_revived_after_a_crash(
    folder: Path,
) -> None:
    with Foreground(folder, embedded=True) as tree:
        runtime = tree.up().runtime
        servers = postgres_process(tree), valkey_process(tree)
        tree.end(signal.SIGKILL)
        with Foreground(folder, embedded=True) as second:
            second.up()
            assert (postgres_process(second), valkey_process(second)) == servers
            assert second.runtime.database_url == runtime.database_url
            assert second.runtime.redis_url == runtime.redis_url
            for server in servers:
                assert server.end(KILL)
            second.wait_for("ended unexpectedly; starting again", times=2)
            wait_until(lambda: not is_closed(address(runtime.database_url)))
            wait_until(lambda: not is_closed(address(runtime.redis_url)))
            assert postgres_process(second) != servers[0]
            assert second.end(signal.SIGTERM) == 0
            assert postmaster.find(second.home / "postgres" / "data") is None
            assert not valkey_process(second).running()
