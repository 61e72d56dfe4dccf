"""Does the actions of a plan one by one, keeping the state after each."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from partner import ConnectCalendar, PartnerClient, Refused, Unknown
from provision.bodies import (
    agent_wire,
    create_agent,
    create_tool,
    kept_agent,
    shown_agent,
    tool_wire,
    update_agent,
    update_tool,
)
from provision.creating import Creation, Creator
from provision.drafting.duty import off_duty
from provision.drafting.scene import Scene
from provision.drafting.things import file_body, file_match
from provision.errors import OutdatedPlanError
from provision.events import Event, OnEvent, Phase
from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    ExistingFile,
    FileDeclaration,
    ToolDeclaration,
)
from provision.observing import Owned, named_ids, wire
from provision.patience import patiently
from provision.plan import Action, Verb
from provision.state import CALENDAR, Body, Entry, Kind, State, kind_of
from provision.state_file import StateFile
from provision.uploads import check_content

T = TypeVar("T")


class Steps:
    """The actions of one apply.

    Args:
        client: Of the business's organization.
        scene: What the plan was drafted from.
        book: The open state.
        file_timeout: Most seconds to wait for one file to be ready.
        on_event: Told each event.
    """

    def __init__(
        self,
        *,
        client: PartnerClient,
        scene: Scene,
        book: StateFile,
        file_timeout: float,
        on_event: OnEvent,
    ) -> None:
        self._client = client
        self._scene = scene
        self._book = book
        self._file_timeout = file_timeout
        self._on_event = on_event
        self._business = scene.manifest.business
        self._at: tuple[Action, int, int] | None = None
        self._creator = Creator(
            client=client,
            business=self._business,
            book=book,
            named=named_ids(scene.manifest),
            tell=self._tell,
        )

    async def do(self, action: Action, number: int, of: int) -> None:
        """Do one action, number ``number`` of ``of``; when this returns, it is kept.

        Raises:
            PartnerError: It wasn't done, or may have been (Unknown).
            ProvisionError: It can't be done.
        """
        self._at = (action, number, of)
        self._tell(Phase.STARTED)
        match action.verb:
            case Verb.CREATE | Verb.REPLACE:
                await self._make(action)
            case Verb.ADOPT:
                await self._adopt(action)
            case Verb.UPDATE:
                await self._update(action)
            case Verb.DELETE:
                await self._delete(action)
            case Verb.FORGET:
                self._save(self._state.without(action.address, action.id))
            case Verb.DEPLOY | Verb.ON_DUTY | Verb.OFF_DUTY:
                await self._duty(action)
            case Verb.NONE:
                pass
        self._tell(Phase.DONE)

    @property
    def _state(self) -> State:
        return self._book.state

    def _save(self, state: State) -> None:
        self._book.save(state)

    def _tell(self, phase: Phase, detail: str = "", *, sent: int = 0, total: int = 0) -> None:
        if self._at is None:
            return
        action, number, of = self._at
        self._on_event(
            Event(
                phase=phase,
                action=action,
                number=number,
                of=of,
                detail=detail,
                sent=sent,
                total=total,
            )
        )

    def _declared(self, action: Action) -> Owned:
        return self._scene.owned[action.address]

    async def _make(self, action: Action) -> None:
        match self._declared(action):
            case CalendarDeclaration() as declared:
                await self._connect(declared)
            case ToolDeclaration() as declared:
                await self._make_tool(action, declared)
            case FileDeclaration() as declared:
                await self._make_file(action, declared)
            case AgentDeclaration() as declared:
                await self._make_agent(action, declared)

    async def _connect(self, declared: CalendarDeclaration) -> None:
        # Connecting again does no harm, so it needs no intent.
        self._tell(Phase.SENDING)
        body = ConnectCalendar.model_validate(declared.body())
        answer = wire(
            await self._patiently(
                lambda: self._client.create_google_calendar_integration(self._business, body)
            )
        )
        self._tell(Phase.ANSWERED)
        sent = self._scene.keep({"calendarId": declared.calendar_id})
        observed = self._scene.keep({"calendarId": answer.get("calendarId")})
        known = self._state.entries.get(CALENDAR)
        adopted = known is not None and known.adopted
        entry = Entry(id=str(answer["id"]), sent=sent, observed=observed, adopted=adopted)
        self._save(self._state.with_entry(CALENDAR, entry, gone=True))

    async def _make_tool(self, action: Action, declared: ToolDeclaration) -> None:
        body = tool_wire(self._scene, declared)
        request = create_tool(body)
        sent = self._scene.keep(body)
        answer = await self._creator.create(
            Creation(
                address=action.address,
                match={"templateToolId": body["templateToolId"]},
                sent=sent,
                post=lambda: self._patiently(
                    lambda: self._client.create_tool_instance(self._business, request)
                ),
            )
        )
        self._keep_made(action, Entry(id=str(answer["id"]), sent=sent, observed=_stamp(answer)))

    async def _make_file(self, action: Action, declared: FileDeclaration) -> None:
        await check_content(declared)
        answer = await self._creator.create(
            Creation(
                address=action.address,
                match=self._scene.keep(file_match(declared)),
                sent=self._scene.keep(file_body(declared)),
                post=lambda: self._patiently(lambda: self._upload(declared.path)),
            )
        )
        sent = self._scene.keep(file_body(declared))
        self._keep_made(action, Entry(id=str(answer["id"]), sent=sent))

    async def _upload(self, path: Path) -> BaseModel:
        return await self._client.upload_file(
            self._business,
            path,
            on_progress=lambda sent, total: self._tell(Phase.UPLOADING, sent=sent, total=total),
        )

    async def _make_agent(self, action: Action, declared: AgentDeclaration) -> None:
        await self._await_files(declared)
        body = agent_wire(self._scene, declared, self._state)
        request = create_agent(declared, body)
        sent = kept_agent(self._scene, declared, body)
        answer = await self._creator.create(
            Creation(
                address=action.address,
                match=self._scene.keep({"name": declared.name, "type": declared.type}),
                sent=sent,
                post=lambda: self._patiently(
                    lambda: self._client.create_voice_agent(self._business, request)
                ),
            )
        )
        observed = shown_agent(self._scene, answer, sent, self._state)
        self._keep_made(action, Entry(id=str(answer["id"]), sent=sent, observed=observed))

    def _keep_made(self, action: Action, entry: Entry) -> None:
        """Keep an entry; what its address stood for is leaving, if it is still there."""
        before = self._state.entries.get(action.address)
        seen = None if before is None else self._scene.upstream.of(action.kind).get(before.id)
        state = self._state.with_entry(
            action.address, entry, gone=seen is None, off_duty=off_duty(seen or {})
        )
        self._save(state)

    async def _adopt(self, action: Action) -> None:
        entry = self._adopted(action)
        self._keep_made(action, entry.model_copy(update={"touched": bool(action.differences)}))
        if action.differences:
            await self._update(action)

    def _adopted(self, action: Action) -> Entry:
        """What is remembered of a thing from the moment that it is taken over."""
        thing_id = action.id or ""
        for address, entry in self._state.entries.items():
            if entry.id == thing_id and kind_of(address) is action.kind:
                return entry
        seen = self._scene.upstream.of(action.kind)[thing_id]
        intent = self._state.creating.get(action.address)
        sent: Body = {} if intent is None else intent.sent
        observed: Body = {}
        match self._declared(action):
            case CalendarDeclaration():
                sent = observed = self._scene.keep({"calendarId": seen.get("calendarId")})
            case ToolDeclaration():
                observed = _stamp(seen)
            case FileDeclaration() as declared:
                sent = self._scene.keep(file_body(declared))
            case AgentDeclaration() as declared:
                body = agent_wire(self._scene, declared, self._state)
                sent = sent or kept_agent(self._scene, declared, body)
                observed = shown_agent(self._scene, seen, sent, self._state)
        return Entry(id=thing_id, sent=sent, observed=observed, adopted=intent is None)

    async def _update(self, action: Action) -> None:
        match self._declared(action):
            case CalendarDeclaration() as declared:
                await self._connect(declared)
            case ToolDeclaration() as declared:
                await self._update_tool(action, declared)
            case AgentDeclaration() as declared:
                await self._update_agent(action, declared)
            case FileDeclaration():
                raise OutdatedPlanError(
                    f"{action.address}: a file can't be changed", changed="upstream"
                )

    async def _update_tool(self, action: Action, declared: ToolDeclaration) -> None:
        body = tool_wire(self._scene, declared)
        request = update_tool(body)
        entry = self._touch(action)
        answer = await self._patiently(
            lambda: self._client.update_tool_instance(self._business, entry.id, request)
        )
        self._tell(Phase.ANSWERED)
        changed = entry.changed(sent=self._scene.keep(body), observed=_stamp(wire(answer)))
        self._save(self._state.with_entry(action.address, changed))

    async def _update_agent(self, action: Action, declared: AgentDeclaration) -> None:
        await self._await_files(declared)
        body = agent_wire(self._scene, declared, self._state)
        interrupted = self._state.entries[action.address].touched
        # After an interruption nobody knows how much of the last change arrived.
        request = update_agent(body, action.fields | set(body) if interrupted else action.fields)
        entry = self._touch(action)
        answer = await self._patiently(
            lambda: self._client.update_voice_agent(self._business, entry.id, request)
        )
        self._tell(Phase.ANSWERED)
        sent = kept_agent(self._scene, declared, body)
        observed = shown_agent(self._scene, wire(answer), sent, self._state)
        changed = entry.changed(sent=sent, observed=observed)
        self._save(self._state.with_entry(action.address, changed))

    def _touch(self, action: Action) -> Entry:
        """Keep that a change is begun, so that an interrupted one isn't taken for drift."""
        entry = self._state.entries[action.address].model_copy(update={"touched": True})
        self._save(self._state.with_entry(action.address, entry))
        self._tell(Phase.SENDING)
        return entry

    async def _duty(self, action: Action) -> None:
        entry = self._state.entries[action.address]
        ways = {
            Verb.DEPLOY: self._client.deploy_voice_agent,
            Verb.ON_DUTY: self._client.set_on_duty,
            Verb.OFF_DUTY: self._client.set_off_duty,
        }
        self._tell(Phase.SENDING)
        await self._patiently(lambda: ways[action.verb](self._business, entry.id))
        self._tell(Phase.ANSWERED)
        duty = action.verb is not Verb.OFF_DUTY
        kept = entry.model_copy(update={"duty": duty})
        self._save(self._state.with_entry(action.address, kept))

    async def _delete(self, action: Action) -> None:
        thing_id = action.id or ""
        self._tell(Phase.SENDING)
        try:
            await self._delete_upstream(action.kind, thing_id)
        except Refused as error:
            if error.code != "not_found":
                raise
        except Unknown:
            if await self._exists(action.kind, thing_id):
                raise
        self._tell(Phase.ANSWERED)
        self._save(self._state.without(action.address, thing_id))

    async def _delete_upstream(self, kind: Kind, thing_id: str) -> None:
        client, business = self._client, self._business
        match kind:
            case Kind.AGENT:
                if self._scene.upstream.agents.get(thing_id, {}).get("onDuty") is True:
                    await self._patiently(lambda: client.set_off_duty(business, thing_id))
                await self._patiently(lambda: client.delete_voice_agent(business, thing_id))
            case Kind.TOOL:
                await self._patiently(lambda: client.delete_tool_instance(business, thing_id))
            case Kind.FILE:
                await self._patiently(lambda: client.delete_file(business, thing_id))
            case Kind.CALENDAR:
                pass

    async def _exists(self, kind: Kind, thing_id: str) -> bool:
        ask: dict[Kind, Callable[[str, str], Awaitable[BaseModel]]] = {
            Kind.TOOL: self._client.get_tool_instance,
            Kind.FILE: self._client.get_file,
            Kind.AGENT: self._client.get_voice_agent,
        }
        try:
            await ask[kind](self._business, thing_id)
        except Refused as error:
            return error.code != "not_found"
        return True

    async def _await_files(self, declared: AgentDeclaration) -> None:
        for reference in declared.files or ():
            thing_id = reference.id or self._file_id(str(reference.key))
            if self._scene.upstream.files.get(thing_id, {}).get("status") == "ready":
                continue
            named = reference.id or f"files.{reference.key}"
            self._tell(Phase.WAITING, f"for {named} to be ready")
            await self._client.wait_for_file(self._business, thing_id, timeout=self._file_timeout)

    def _file_id(self, key: str) -> str:
        declared = self._scene.manifest.files[key]
        if isinstance(declared, ExistingFile):
            return declared.id
        return self._state.entries[declared.address].id

    async def _patiently(self, once: Callable[[], Awaitable[T]]) -> T:
        return await patiently(
            once,
            on_rest=lambda rest: self._tell(Phase.WAITING, f"{rest:g} s, as the upstream asks"),
        )


def _stamp(tool: Body) -> Body:
    """What is remembered of a tool's answer: its content can't be read back."""
    stamp = tool.get("updatedAt")
    return {} if stamp is None else {"updatedAt": stamp}
