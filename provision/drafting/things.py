"""Drafts what becomes of the calendar, the tools and the files."""

from pydantic import JsonValue

from provision.drafting.configs import check_config
from provision.drafting.scene import (
    CHANGED,
    DELETED,
    INTERRUPTED,
    Scene,
    between,
    closest,
    everything,
    moved,
)
from provision.errors import AmbiguousError
from provision.manifest.faults import quoted
from provision.manifest.models import (
    CalendarDeclaration,
    ExistingCalendar,
    FileDeclaration,
    ToolDeclaration,
)
from provision.plan import HIDDEN, Difference, Drift, Verb
from provision.recovery import fits
from provision.state import CALENDAR, Body, Entry

_FAILED = "failed"


def draft_calendar(scene: Scene, *, reconnect: bool = False) -> None:
    """Connect the calendar where none is connected, or another one.

    Args:
        scene: The scene.
        reconnect: Connect it once more although it is the one, for the sake of a new token.
    """
    declared, seen = scene.manifest.calendar, scene.upstream.calendar
    if reconnect and not isinstance(declared, CalendarDeclaration):
        message = "expected calendarId and accessToken: without them nothing can be connected"
        scene.fault("needs_calendar", CALENDAR, message)
    if isinstance(declared, ExistingCalendar) and seen is None:
        message = "expected a calendar that is connected already, but there is none"
        scene.fault("calendar_missing", CALENDAR, message)
    if not isinstance(declared, CalendarDeclaration):
        return
    wanted = scene.keep({"calendarId": declared.calendar_id})
    entry = scene.state.entries.get(CALENDAR)
    label = declared.calendar_id
    if seen is None:
        if entry is not None:
            scene.drifted(CALENDAR, Drift.DELETED, label)
        differing = [*everything(wanted), _token(before=None)]
        reason = DELETED if entry is not None else ""
        scene.act(CALENDAR, Verb.CREATE, label, reason=reason, differing=differing)
        return
    shown = scene.keep({"calendarId": seen.get("calendarId")})
    differing = between(shown, wanted)
    if reconnect:
        differing.append(_token(before=HIDDEN))
    _draft_connected(scene, label, shown, differing, entry)


def _token(*, before: str | None) -> Difference:
    # The token is a means of connecting, not a part of what is connected: it lasts an hour, and
    # a new one in the environment must not look like a change.
    return Difference(
        field="accessToken", path="accessToken", before=before, after=HIDDEN, secret=True
    )


def _draft_connected(
    scene: Scene, label: str, seen: Body, differing: list[Difference], entry: Entry | None
) -> None:
    thing_id = str((scene.upstream.calendar or {})["id"])
    if entry is None:
        reason = "because a calendar is connected already"
        scene.act(
            CALENDAR, Verb.ADOPT, label, thing_id=thing_id, reason=reason, differing=differing
        )
        return
    outside = between(entry.observed, seen) if not entry.touched else []
    if outside:
        scene.drifted(CALENDAR, Drift.CHANGED, label, outside)
    verb = Verb.UPDATE if differing or entry.touched else Verb.NONE
    reason = CHANGED if outside else INTERRUPTED if entry.touched else ""
    if any(one.secret for one in differing) and not reason:
        reason = "because it is to be connected again"
    scene.act(CALENDAR, verb, label, thing_id=thing_id, reason=reason, differing=differing)


def template_id(scene: Scene, declared: ToolDeclaration) -> str | None:
    """The id of the template that a tool is made from; a fault where there is none."""
    by_id = {str(one["id"]): str(one.get("name") or "") for one in scene.upstream.templates}
    if declared.template in by_id:
        return declared.template
    named = [key for key, name in by_id.items() if name.lower() == declared.template.lower()]
    if len(named) == 1:
        return named[0]
    where = f"{declared.address}.template"
    if named:
        message = f"{quoted(declared.template)} is the name of several templates: give an id"
        scene.fault("ambiguous_template", where, message)
    else:
        message = f"expected a template's name or id, but {quoted(declared.template)} is neither"
        meant = closest(declared.template, [*by_id, *by_id.values()])
        scene.fault("unknown_template", where, message, meant)
    return None


def _template(scene: Scene, thing_id: str) -> Body:
    return next(one for one in scene.upstream.templates if one["id"] == thing_id)


def tool_body(declared: ToolDeclaration, template: str) -> Body:
    """What a tool is to be: its template's id and, where it is given, its configuration."""
    body: Body = declared.body(template)
    return body


def draft_tool(scene: Scene, declared: ToolDeclaration) -> None:
    """Make a tool, change it, or make another in its place.

    What a tool was set up with can't be read back (the upstream keeps ids instead), so it is
    compared with what was last sent; ``updatedAt`` tells whether anyone changed it since.
    """
    template = template_id(scene, declared)
    if template is None:
        return
    check_config(scene, declared, _template(scene, template))
    address, label = declared.address, declared.template
    wanted = scene.keep(tool_body(declared, template))
    entry = scene.state.entries.get(address)
    if _draft_recovered(scene, address, label, wanted, same=("templateToolId",)):
        return
    if entry is None:
        _draft_new(scene, address, label, wanted, same=wanted)
    elif entry.id not in scene.upstream.tools:
        _draft_gone(scene, address, label, wanted)
    elif entry.sent.get("templateToolId") != template:
        _draft_replaced(scene, address, label, wanted, "because a tool's template can't change")
    else:
        scene.ids[address] = entry.id
        _draft_kept_tool(scene, declared, entry, between(scene.keep(entry.sent), wanted))


def _draft_kept_tool(
    scene: Scene, declared: ToolDeclaration, entry: Entry, differing: list[Difference]
) -> None:
    address, label = declared.address, declared.template
    stamp: JsonValue = scene.upstream.tools[entry.id].get("updatedAt")
    known: JsonValue = entry.observed.get("updatedAt")
    outside = not entry.touched and None not in {stamp, known} and stamp != known
    if outside:
        scene.drifted(address, Drift.CHANGED, label)
    reason = CHANGED if outside else INTERRUPTED if entry.touched else ""
    verb = Verb.UPDATE if differing or reason else Verb.NONE
    scene.act(address, verb, label, thing_id=entry.id, reason=reason, differing=differing)


def file_body(declared: FileDeclaration) -> Body:
    """What tells one file from another."""
    return {"name": declared.name, "sizeBytes": declared.size, "sha256": declared.sha256}


def file_match(declared: FileDeclaration) -> Body:
    """What of a file the upstream shows."""
    return {"name": declared.name, "sizeBytes": declared.size}


def draft_file(scene: Scene, declared: FileDeclaration) -> None:
    """Upload a file; a changed one is uploaded again, since none can be changed."""
    address, label = declared.address, declared.name
    wanted = scene.keep(file_body(declared))
    entry = scene.state.entries.get(address)
    if _draft_recovered(scene, address, label, wanted, same=tuple(wanted)):
        return
    if entry is None:
        existing = _existing_file(scene, declared)
        if existing is None:
            _draft_new(scene, address, label, wanted, same=wanted)
        else:
            scene.ids[address] = existing
            reason = "because a file of that name and size exists"
            scene.act(address, Verb.ADOPT, label, thing_id=existing, reason=reason)
    elif entry.id not in scene.upstream.files:
        _draft_gone(scene, address, label, wanted)
    elif scene.keep(entry.sent) != wanted:
        _draft_replaced(scene, address, label, wanted, "because its content changed")
    elif scene.upstream.files[entry.id].get("status") == _FAILED:
        _draft_replaced(scene, address, label, wanted, "because its processing failed")
    else:
        scene.ids[address] = entry.id
        scene.act(address, Verb.NONE, label, thing_id=entry.id)


def _existing_file(scene: Scene, declared: FileDeclaration) -> str | None:
    taken = scene.claimed | scene.state.owned_ids | {*scene.recovered.values()}
    found = [
        (str(one.get("createdAt") or ""), thing_id)
        for thing_id, one in scene.upstream.files.items()
        if thing_id not in taken
        and one.get("status") != _FAILED
        and fits(one, file_match(declared), salt=scene.state.salt)
    ]
    return min(found)[1] if found else None


def _draft_recovered(
    scene: Scene, address: str, label: str, wanted: Body, *, same: tuple[str, ...]
) -> bool:
    """Take over what an interrupted create has made; False where that isn't any use."""
    thing_id = scene.recovered.get(address)
    if thing_id is None:
        return False
    sent = scene.keep(scene.state.creating[address].sent)
    if any(sent.get(name) != wanted.get(name) for name in same):
        reason = f"{INTERRUPTED}, and something else is wanted now"
        scene.act(address, Verb.DELETE, label, thing_id=thing_id, reason=reason)
        return False
    scene.ids[address] = thing_id
    reason = f"{INTERRUPTED} while creating it"
    differing = between(sent, wanted)
    scene.act(address, Verb.ADOPT, label, thing_id=thing_id, reason=reason, differing=differing)
    old = scene.state.entries.get(address)
    if old is not None:
        scene.replace_old(address, label, old.id)
    return True


def _draft_new(scene: Scene, address: str, label: str, wanted: Body, *, same: Body) -> None:
    before = scene.departing(address, same)
    if before is not None:
        thing_id = scene.state.entries[before].id
        scene.ids[address] = thing_id
        scene.act(address, Verb.ADOPT, label, thing_id=thing_id, reason=moved(before))
        return
    scene.ids[address] = None
    scene.act(address, Verb.CREATE, label, differing=everything(wanted))


def _draft_gone(scene: Scene, address: str, label: str, wanted: Body) -> None:
    scene.drifted(address, Drift.DELETED, label)
    scene.ids[address] = None
    scene.act(address, Verb.CREATE, label, reason=DELETED, differing=everything(wanted))


def _draft_replaced(scene: Scene, address: str, label: str, wanted: Body, reason: str) -> None:
    entry = scene.state.entries[address]
    scene.ids[address] = None
    differing = between(scene.keep(entry.sent), wanted)
    scene.act(address, Verb.REPLACE, label, thing_id=entry.id, reason=reason, differing=differing)
    scene.replace_old(address, label, entry.id)


def check_unowned(scene: Scene) -> None:
    """Note every tool and file that is used by its id and doesn't exist."""
    manifest = scene.manifest
    for tool in manifest.tools.values():
        if not isinstance(tool, ToolDeclaration):
            scene.ids[tool.address] = tool.id
            _check_id(scene, "tool", tool.id, f"{tool.address}.id")
    for file in manifest.files.values():
        if not isinstance(file, FileDeclaration):
            scene.ids[file.address] = file.id
            _check_id(scene, "file", file.id, f"{file.address}.id")
    for agent in manifest.agents.values():
        for number, reference in enumerate(agent.tools or ()):
            if reference.id is not None:
                _check_id(scene, "tool", reference.id, f"{agent.address}.tools.{number}")
        for number, reference in enumerate(agent.files or ()):
            if reference.id is not None:
                _check_id(scene, "file", reference.id, f"{agent.address}.files.{number}")


def _check_id(scene: Scene, what: str, thing_id: str, where: str) -> None:
    scene.claimed.add(thing_id)
    known = scene.upstream.tools if what == "tool" else scene.upstream.files
    if thing_id not in known:
        message = f"expected the id of a {what} of this business, but {quoted(thing_id)} is none"
        meant = closest(thing_id, known) or "delete this line if it is gone for good upstream"
        scene.fault(f"unknown_{what}_id", where, message, meant)


def several(address: str, what: str, ids: list[str]) -> AmbiguousError:
    """The error for several things that could be the one that an address means."""
    return AmbiguousError(
        f"{address}: {what}: {', '.join(sorted(ids))}. Delete or rename those that aren't meant, "
        "then run again",
        address=address,
        ids=sorted(ids),
    )
