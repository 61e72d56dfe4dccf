"""Applies a manifest: plans afresh, checks that against what was agreed to, does it in steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from partner import (
    FileFailed,
    FileNotReady,
    KnowledgeFile,
    NotSent,
    PartnerClient,
    PartnerError,
    Refused,
)
from provision.drafting.scene import Scene
from provision.errors import MissingScopesError, OutdatedPlanError, StepFailedError
from provision.events import Event, OnEvent
from provision.manifest.models import Manifest
from provision.observing import observe
from provision.outdated import differing, named
from provision.plan import Action, Approval, Plan
from provision.planning import check_belongs, draft_scene, manifest_digest
from provision.scopes import missing_scopes
from provision.state import State
from provision.state_file import StateFile, open_state, state_path_for
from provision.steps import Steps

FILE_SECONDS: Final = 600.0
"""How long an apply waits for one file to be ready, unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an apply did.

    Attributes:
        plan: What it went by: drafted afresh just before.
        done: The actions that were done, in order.
        state_path: Where the state is kept.
    """

    plan: Plan
    done: tuple[Action, ...]
    state_path: Path


def _ignore(_: Event) -> None:
    pass


async def apply(
    client: PartnerClient,
    manifest: Manifest,
    *,
    state_path: Path | None = None,
    approved: Approval | None = None,
    accept_drift: bool = False,
    reconnect_calendar: bool = False,
    on_event: OnEvent = _ignore,
    file_timeout: float = FILE_SECONDS,
) -> Result:
    """Make the upstream what the manifest declares.

    It may be killed at any moment: the next run goes on where it stopped, and makes nothing
    twice.

    Args:
        client: Of the organization that the business belongs to.
        manifest: As :mod:`provision.manifest` read it.
        state_path: The state file; ``<stem>.state.json`` beside the manifest if None.
        approved: The plan that was agreed to (``plan.approval``, or a saved one); None to go
            by what there is.
        accept_drift: Go on although the upstream has changed since ``approved``.
        reconnect_calendar: As for :func:`provision.planning.plan`; so does ``approved`` ask for
            it where it was planned so.
        on_event: Told each event.
        file_timeout: Most seconds to wait for one file to be ready.

    Raises:
        StepFailedError: A step failed; those before it are done and kept.
        OutdatedPlanError: Something else would be done than what was agreed to; or a file was
            changed while the apply was at work, with the steps before it done and kept.
        AmbiguousError: Several things upstream could be the one that is meant.
        ProvisionError: Any other: nothing was changed.
        ManifestError: The manifest asks for what the upstream doesn't have.
    """
    path = state_path or state_path_for(manifest.source)
    with open_state(path, base_url=client.base_url, business=manifest.business) as book:
        check_belongs(book.state, base_url=client.base_url, business=manifest.business)
        upstream = await observe(client, manifest, book.state)
        reconnect = reconnect_calendar or (approved is not None and approved.reconnect_calendar)
        scene, plan = draft_scene(manifest, book.state, upstream, reconnect_calendar=reconnect)
        if approved is not None:
            check_approved(approved, plan, manifest, accept_drift=accept_drift)
        missing = await missing_scopes(client, manifest.business, plan.changes)
        if missing:
            raise MissingScopesError(missing)
        steps = Steps(
            client=client,
            scene=scene,
            book=book,
            file_timeout=file_timeout,
            on_event=on_event,
        )
        await _do_all(steps, plan, scene, book)
        _tidy_up(book)
    return Result(plan=plan, done=plan.changes, state_path=path)


def check_approved(
    approved: Approval, plan: Plan, manifest: Manifest, *, accept_drift: bool
) -> None:
    """Let a plan pass that is still the one that was agreed to.

    Raises:
        OutdatedPlanError: The manifest, the state or the upstream has changed since.
    """
    if (approved.base_url, approved.business) != (plan.base_url, plan.business):
        message = "the plan was made for another business, or for another address of the API"
        raise OutdatedPlanError(message, changed="manifest")
    if manifest_digest(manifest, salt=approved.salt) != approved.manifest_digest:
        message = "the manifest has changed since the plan was made. Plan again"
        raise OutdatedPlanError(message, changed="manifest")
    if accept_drift:
        return
    if approved.state_serial != plan.state_serial:
        message = "another run has applied something since the plan was made. Plan again"
        raise OutdatedPlanError(message, changed="state")
    if approved.upstream_digest != plan.upstream_digest:
        found = differing(approved.shown, plan.as_json()) if approved.shown else {}
        what = f": {named(found)}" if found else ""
        message = (
            "the upstream has changed since the plan was made, and something else would be done "
            f"now{what}. Plan again, or accept it (--accept-drift)"
        )
        raise OutdatedPlanError(message, changed="upstream", differing=found)


async def _do_all(steps: Steps, plan: Plan, scene: Scene, book: StateFile) -> None:
    for done, action in enumerate(plan.changes):
        try:
            await steps.do(action, done + 1, len(plan.changes))
        except (PartnerError, ValidationError) as error:
            raise _failure(error, plan, done, _Teller(scene, book.state)) from error


def _tidy_up(book: StateFile) -> None:
    """Forget creates that came to nothing and that nothing waits for any more.

    Kept for longer, one would claim whatever like it somebody else makes some day.
    """
    if book.state.creating:
        book.save(book.state.without_intents())


def _failure(
    error: PartnerError | ValidationError, plan: Plan, done: int, teller: "_Teller"
) -> StepFailedError:
    action = plan.changes[done]
    outcome, said = teller.outcome(error)
    how = "The steps before it are done and kept; run again to go on from here"
    return StepFailedError(
        f"{action.address}: {action.verb}: {said}. {how}",
        address=action.address,
        verb=action.verb.value,
        done=done,
        left=len(plan.changes) - done,
        outcome=outcome,
        said=said,
    )


class _Teller:
    """Says for people what went wrong, without secrets."""

    def __init__(self, scene: Scene, state: State) -> None:
        self._say = scene.secrecy.say
        self._addresses = {entry.id: address for address, entry in state.entries.items()}

    def outcome(self, error: PartnerError | ValidationError) -> tuple[str, str]:
        """A stable word for the outcome, and a sentence."""
        match error:
            case ValidationError():
                first = error.errors(include_input=False, include_url=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                return "not_sent", self._say(f"{where}: {first['msg']}")
            case FileFailed():
                named = self._named(error.file)
                return "file_failed", f"the upstream could not read {named}: upload another"
            case FileNotReady():
                return "not_ready", f"{self._named(error.file)} is not ready yet"
            case Refused():
                return "refused", self._say(error.message)
            case NotSent():
                return "not_sent", self._say(error.message)
            case _:
                message = f"{error.message}; it may have been done all the same"
                return "unknown", self._say(message)

    def _named(self, file: KnowledgeFile | None) -> str:
        if file is None:
            return "a file"
        name = self._say(file.name or file.id)
        return f"{self._addresses.get(file.id, self._say(file.id))} ({name})"


async def destroy(
    client: PartnerClient,
    manifest: Manifest,
    *,
    state_path: Path | None = None,
    approved: Approval | None = None,
    accept_drift: bool = False,
    on_event: OnEvent = _ignore,
) -> Result:
    """Delete everything that the manifest's state owns; what it only uses stays.

    Args:
        client: As for :func:`apply`; so are the others.
        manifest: Its business and its secrets matter, not what it declares.
        state_path: As for :func:`apply`.
        approved: Of ``plan(client, without_anything(manifest), state)``.
        accept_drift: As for :func:`apply`.
        on_event: As for :func:`apply`.

    Raises:
        ProvisionError: As for :func:`apply`.
    """
    return await apply(
        client,
        without_anything(manifest),
        state_path=state_path,
        approved=approved,
        accept_drift=accept_drift,
        on_event=on_event,
    )


def without_anything(manifest: Manifest) -> Manifest:
    """The manifest of the same business that declares nothing: its plan destroys."""
    nothing: dict[str, object] = {"calendar": None, "tools": {}, "files": {}, "agents": {}}
    return manifest.model_copy(update=nothing)
