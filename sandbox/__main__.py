"""``python -m sandbox``: runs the Partner API's simulator."""

import ipaddress
import os
from pathlib import Path
from typing import Annotated

import typer

from sandbox.app import build_app
from sandbox.clock import instant_of
from sandbox.control.gate import PUBLISHED_KEY
from sandbox.greeting import Greeting
from sandbox.journal import lock_folder
from sandbox.server import listen, serve
from sandbox.state import Sandbox
from sandbox.timekeeping import clock_of

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


@app.command()
def main(  # noqa: PLR0913 -- one parameter for each option
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            help="Port; 0 takes a free one, `outdial sandbox` 8700.",
            show_default=False,
            min=0,
            max=65535,
        ),
    ] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Folder that keeps state and clock; without it, memory.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides every chance.")] = 7,
    clock_start: Annotated[
        str | None,
        typer.Option(help="Virtual time at the real start, ISO 8601; as kept, else now."),
    ] = None,
    clock_real_start: Annotated[
        float | None, typer.Option(help="Real start in Unix seconds; as kept, else now.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed",
            "--clock-speed",
            help="Virtual seconds per real second, up to 100000; 1 if neither given nor kept.",
        ),
    ] = None,
    control_key: Annotated[
        str,
        typer.Option(envvar="SANDBOX_CONTROL_KEY", help="Opens the control interface."),
    ] = PUBLISHED_KEY,
    fsync: Annotated[bool, typer.Option(help="Wait for the disk after each line.")] = False,
) -> None:
    """Run the Partner API's simulator until it is told to stop."""
    if control_key == PUBLISHED_KEY and not _loopback(host):
        raise typer.BadParameter("choose a --control-key to listen beyond this machine")
    try:
        start = None if clock_start is None else _instant(clock_start)
        lock = data and lock_folder(data)
        listener = listen(host, port)
        clock = clock_of(data, start=start, real_start=clock_real_start, speed=speed)
        sandbox = Sandbox(clock=clock, seed=seed, folder=data, fsync=fsync)
    except (ValueError, RuntimeError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    greeting = Greeting(clock=clock, control_key=control_key, folder=data)
    try:
        front = build_app(sandbox=sandbox, control_key=control_key)
        serve(front, listener=listener, greeting=greeting)
    finally:
        sandbox.close()
        if lock:
            lock.close()


def _instant(text: str) -> float:
    try:
        return instant_of(text)
    except (ValueError, OverflowError) as error:
        message = (
            f'--clock-start "{text}": write a date, or a date and a time with its zone, such as '
            "2026-01-05T09:30:00Z"
        )
        raise ValueError(message) from error


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    # Whoever started it by another name looks for that name in its usage.
    app(prog_name=os.environ.get("SANDBOX_PROGRAM", "python -m sandbox"))
