"""Every way in which agents as code can stop, other than a manifest that is wrong."""

from collections.abc import Mapping, Sequence


class ProvisionError(Exception):
    """Nothing more was changed; the message says why and what to do.

    Every message is one or two sentences, free of secrets and of control characters.

    Attributes:
        code: Stable and machine-readable.
    """

    code = "provision"


class StateUnusableError(ProvisionError):
    """The state file can't be read or written, or is not one."""

    code = "state_unusable"


class StateLockedError(ProvisionError):
    """Another run holds the state file."""

    code = "state_locked"


class StateMismatchError(ProvisionError):
    """The state file belongs to another business or to another address of the API."""

    code = "state_mismatch"


class AmbiguousError(ProvisionError):
    """Several things upstream could be the one that is meant; only a person can tell.

    Attributes:
        address: Which thing of the manifest it is about.
        ids: The candidates upstream.
    """

    code = "ambiguous"

    def __init__(self, message: str, *, address: str, ids: Sequence[str]) -> None:
        super().__init__(message)
        self.address = address
        self.ids = tuple(ids)


class MissingScopesError(ProvisionError):
    """The credentials lack scopes that the plan needs; nothing was changed.

    Attributes:
        scopes: What is lacking, in alphabetical order.
    """

    code = "missing_scopes"

    def __init__(self, scopes: Sequence[str]) -> None:
        self.scopes = tuple(sorted(scopes))
        super().__init__(
            f"the credentials lack {', '.join(self.scopes)}; nothing was changed. "
            "Ask for credentials with these scopes, then run again"
        )


class OutdatedPlanError(ProvisionError):
    """What was planned is no longer what would be done.

    Attributes:
        changed: ``manifest``, ``state`` or ``upstream``.
        differing: What would be done otherwise than was agreed to, where that can be told:
            addresses, each with the paths of its fields (none where it is about the whole).
    """

    code = "plan_outdated"

    def __init__(
        self,
        message: str,
        *,
        changed: str,
        differing: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message)
        self.changed = changed
        self.differing = dict(differing or {})


class UpstreamError(ProvisionError):
    """The upstream could not be read; nothing was changed."""

    code = "upstream_unreadable"


class StepFailedError(ProvisionError):
    """A step of an apply failed; what came before it is done and kept in the state.

    Attributes:
        address: The thing that the step was about.
        verb: What was being done to it.
        done: How many steps were finished before.
        left: How many are not done, this one included.
        outcome: ``not_sent``, ``refused``, ``unknown``, ``file_failed`` or ``not_ready``.
        said: The upstream's own words, or None.
    """

    code = "step_failed"

    def __init__(
        self,
        message: str,
        *,
        address: str,
        verb: str,
        done: int,
        left: int,
        outcome: str,
        said: str | None,
    ) -> None:
        super().__init__(message)
        self.address = address
        self.verb = verb
        self.done = done
        self.left = left
        self.outcome = outcome
        self.said = said
