"""The operations of the simulated API: what each is for, needs, reads and answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.api import agents, calendar, files, history, tools, voices

ONE_BUSINESS = "/businesses/{businessId}"
TOOLS = f"{ONE_BUSINESS}/tools"
FILES = f"{ONE_BUSINESS}/files"
CALENDAR = f"{ONE_BUSINESS}/integrations/google-calendar"
AGENTS = f"{ONE_BUSINESS}/voice-agents"
AGENT = f"{AGENTS}/{{voiceAgentId}}"
NO_BODY = ""

PAGING = ("Page", "PageSize")
HISTORY = (*PAGING, "CallType", "CallStatus", "Start", "End", "LeadId", "OrderBy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One of the API's operations.

    ``answers`` names schemas by status, ``""`` for no body. ``refusals`` says by status why it
    refuses, beyond what all operations refuse for: keys (401), scopes (403), businesses that
    are not there (404), bodies that don't fit (400) or are too long (413).
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    scope: str | None
    answers: Mapping[int, str]
    refusals: Mapping[int, str]
    parameters: tuple[str, ...] = ()
    body: str | None = None
    form: bool = False


def _operation(  # noqa: PLR0913 -- an operation's row: what it has is what it is
    name: str,
    method: str,
    path: str,
    summary: str,
    *,
    scope: str | None,
    tag: str,
    answers: Mapping[int, str] | str,
    refusals: Mapping[int, str] | None = None,
    parameters: tuple[str, ...] = (),
    body: str | None = None,
    form: bool = False,
) -> Operation:
    return Operation(
        name=name,
        method=method,
        path=path,
        tag=tag,
        summary=summary,
        scope=scope,
        answers={200: answers} if isinstance(answers, str) else answers,
        refusals=refusals or {},
        parameters=parameters,
        body=body,
        form=form,
    )
