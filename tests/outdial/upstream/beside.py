"""Runs `outdial` as somebody beside a running sandbox does."""

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import Result

from tests.outdial.serving import run
from tests.support.sandbox import SandboxProcess

KEY = "sandbox-key"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A running sandbox, and `outdial` as somebody beside it runs it.

    Attributes:
        sandbox: The sandbox.
        environ: What was exported.
    """

    sandbox: SandboxProcess
    environ: dict[str, str]

    def run(self, *arguments: str, **more: str) -> Result:
        """Runs `outdial`."""
        return run(*arguments, **{**self.environ, **more})

    def done(self, *arguments: str) -> str:
        """Runs `outdial`, which succeeds; its output."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - differs by command
        """Runs `outdial ... --json`, which succeeds; what it printed."""
        return json.loads(self.done(*arguments, "--json"))

    def refused(self, *arguments: str, code: int = 1) -> dict[str, Any]:
        """Runs `outdial ... --json`, which fails with that exit code; the JSON error."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        assert result.stderr.startswith("outdial: ")
        assert result.stderr.count("\n") == 1
        error: dict[str, Any] = json.loads(result.stdout)["error"]
        return error
