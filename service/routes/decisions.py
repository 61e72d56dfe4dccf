"""The page on which a person decides a held call: what it does, said plainly, then done."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from dialer.pipeline.reports import held
from dialer.pipeline.settling import decide
from dialer.pipeline.settling.decide import Decider
from dialer.rules.errors import ConflictError, ForbiddenError, NotFoundError, OutdialError
from dialer.rules.phones.phone import mask
from dialer.rules.proof.decision import EFFECTS, Decision
from service.http.problems import STATUSES
from service.pages import pages, visitors
from service.pages.visitors import Visitor, Visits
from service.routes.status import SEE_OTHER
from service.shapes.parts import Sentence
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False)

_NOTE: TypeAdapter[str] = TypeAdapter(Sentence)
_UNFIT_NOTE = "The note must be text of at most 500 characters; nothing was decided."


@router.get("/status/held/{call_id}/{decision}")
async def confirm_decision(
    call_id: UUID, decision: Decision, shell: InShell, who: Visits
) -> Response:
    """What the call is, and what the decision would do."""
    if not who.may_command:
        raise ForbiddenError(f"this session's key lacks the scope {visitors.COMMANDS!r}")
    return await _ask(shell, who, call_id, decision)


@router.post("/status/held/{call_id}/{decision}")
async def decide_on_page(
    request: Request, call_id: UUID, decision: Decision, shell: InShell, who: Visits
) -> Response:
    """Decide, and go back to the status page."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    given = str(form.get("note") or "").strip()
    try:
        note = _NOTE.validate_python(given) if given else None
    except ValidationError:
        return await _ask(shell, who, call_id, decision, refused=given)
    try:
        await decide.decide(
            shell.context,
            organization_id=who.organization_id,
            call_id=call_id,
            decision=decision,
            by=Decider(name=who.name, through="page", note=note),
        )
    except (ConflictError, NotFoundError) as error:
        return _refused(who, decision, error)
    finally:
        shell.board.forget(who.organization_id)
    return RedirectResponse("/", SEE_OTHER)


async def _ask(
    shell: Shell,
    who: Visitor,
    call_id: UUID,
    decision: Decision,
    *,
    refused: str = "",
) -> Response:
    async with shell.context.engine.connect() as conn:
        org = who.organization_id
        try:
            call = await held.get(conn, organization_id=org, call_id=call_id)
        except NotFoundError:
            error = await decide.refusal(conn, organization_id=org, call_id=call_id)
            return _refused(who, decision, error)
    return pages.page(
        "decide.html",
        422 if refused else 200,
        who=who,
        call={**call, "phone": mask(call["phone"])},
        decision=decision,
        effect=EFFECTS[decision],
        note=refused,
        problem=_UNFIT_NOTE if refused else "",
    )


def _refused(who: Visitor, decision: Decision, error: OutdialError) -> Response:
    said = error.message[:1].upper() + error.message[1:] + "."
    return pages.page(
        "decide.html", STATUSES[error.code], who=who, call=None, decision=decision, problem=said
    )
