"""What a manifest declares, after everything that can be known offline was checked.

Bodies keep the guide's own field names. A field that the manifest leaves out is absent from a
body; one that it sets to ``null`` is there as None, which asks to clear it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from provision.manifest.faults import Fault, Place
from provision.manifest.masking import masker
from provision.manifest.report import shown_line


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Reference(_Declared):
    """Names a tool or a file of an agent: by a key of the manifest, or by an upstream id.

    Attributes:
        key: A key under ``tools`` or ``files``, or None.
        id: What followed ``id:``, or None. Exactly one of the two is given.
    """

    key: str | None = None
    id: str | None = None

    def resolve(self, ids: Mapping[str, str]) -> str:
        """The upstream id.

        Args:
            ids: Upstream ids by the manifest's keys.

        Raises:
            KeyError: The key has no id yet.
        """
        if self.key is None:
            return self.id or ""
        return ids[self.key]


class CalendarDeclaration(_Declared):
    """``calendar``: the Google Calendar that appointments go to.

    Attributes:
        access_token: A Google OAuth token; always a secret, wherever it was written.
    """

    calendar_id: str
    access_token: SecretStr

    def body(self) -> dict[str, Any]:
        """The body of the request that connects it, with the token in the clear."""
        return {
            "accessToken": self.access_token.get_secret_value(),
            "calendarId": self.calendar_id,
        }


class ExistingCalendar(_Declared):
    """``calendar: existing``: whatever is connected upstream is used and never changed."""


class ToolDeclaration(_Declared):
    """``tools.KEY`` with a template: an instance that the manifest owns.

    Attributes:
        template: The template's name, or its id; compare with both.
        config: What goes to ``configOverride``; None when the manifest gives none.
    """

    key: str
    template: str
    config: Mapping[str, Any] | None = Field(default=None, repr=False)

    @property
    def address(self) -> str:
        """``tools.KEY``."""
        return f"tools.{self.key}"

    def body(self, template_id: str) -> dict[str, Any]:
        """The body that creates it; without ``templateToolId``, the one that changes it."""
        given: dict[str, Any] = {"templateToolId": template_id}
        return given if self.config is None else given | {"configOverride": _plain(self.config)}


class ExistingTool(_Declared):
    """``tools.KEY`` with an id: an upstream instance that is used as it is."""

    key: str
    id: str

    @property
    def address(self) -> str:
        """``tools.KEY``."""
        return f"tools.{self.key}"


class FileDeclaration(_Declared):
    """``files.KEY`` with a path: a document for the knowledge base.

    Attributes:
        path: Absolute, links resolved.
        name: The file's own name, which the upstream shows.
        size: Bytes.
        sha256: Of its content, hexadecimal.
        mime: Its media type, decided by its name.
    """

    key: str
    path: Path
    name: str
    size: int
    sha256: str
    mime: str

    @property
    def address(self) -> str:
        """``files.KEY``."""
        return f"files.{self.key}"


class ExistingFile(_Declared):
    """``files.KEY`` with an id: an upstream file that is used as it is."""

    key: str
    id: str

    @property
    def address(self) -> str:
        """``files.KEY``."""
        return f"files.{self.key}"


class AgentDeclaration(_Declared):
    """``agents.KEY``: a voice agent.

    Attributes:
        voice: A voice's id or name as written; None when ``voice`` is left out or null.
        voice_given: Whether ``voice`` is written at all: ``voice: null`` asks for the default.
        tools: None when left out; an empty tuple when written as an empty list or null.
        files: As ``tools``.
        fields: Every other field of the body that the manifest writes, null included, by the
            guide's names; among them ``name``, ``type`` and one of ``workflow`` and
            ``conversationFlow``.
        deploy: Whether it is to be live.
        on_duty: The duty wanted; None leaves duty alone after the first deployment.
    """

    key: str
    name: str
    type: Literal["INBOUND", "OUTBOUND"]
    voice: str | None = None
    voice_given: bool = False
    tools: tuple[Reference, ...] | None = None
    files: tuple[Reference, ...] | None = None
    fields: Mapping[str, Any] = Field(repr=False)
    deploy: bool = True
    on_duty: bool | None = None

    @property
    def address(self) -> str:
        """``agents.KEY``."""
        return f"agents.{self.key}"

    def body(
        self,
        *,
        tool_ids: Mapping[str, str],
        file_ids: Mapping[str, str],
        voice_id: str | None = None,
    ) -> dict[str, Any]:
        """The guide's body: what the manifest writes, and nothing that it leaves out.

        Args:
            tool_ids: Upstream ids by the keys under ``tools``.
            file_ids: Upstream ids by the keys under ``files``.
            voice_id: The id of the voice that ``voice`` names; read only when it names one.

        Raises:
            KeyError: A reference has no id yet.
        """
        body: dict[str, Any] = _plain(self.fields)
        if self.voice_given:
            body["voiceId"] = None if self.voice is None else voice_id
        if self.tools is not None:
            body["toolIds"] = [reference.resolve(tool_ids) for reference in self.tools]
        if self.files is not None:
            body["knowledgeBaseDocumentIds"] = [one.resolve(file_ids) for one in self.files]
        return body


class Manifest(_Declared):
    """A whole manifest, read and checked.

    Attributes:
        business: The business's id.
        source: The manifest's own path, absolute.
        secrets: Values that came from variables, and the calendar's token: never printed.
        places: Where each field stands, by its dotted path.
        shown: The file as it was named by whoever asked; for messages.
        lines: The file's lines as they were written; for messages.
    """

    business: str
    calendar: CalendarDeclaration | ExistingCalendar | None = None
    tools: Mapping[str, ToolDeclaration | ExistingTool] = Field(default_factory=dict)
    files: Mapping[str, FileDeclaration | ExistingFile] = Field(default_factory=dict)
    agents: Mapping[str, AgentDeclaration] = Field(default_factory=dict)
    source: Path
    shown: str
    secrets: frozenset[str] = Field(default=frozenset(), repr=False)
    places: Mapping[str, Place] = Field(default_factory=dict, repr=False)
    lines: tuple[str, ...] = Field(default=(), repr=False)

    def mask(self, text: str) -> str:
        """The text with every secret replaced by ``MASK``."""
        return masker(self.secrets)(text)

    def fault(
        self, *, code: str, field: str, message: str, suggestion: str | None = None
    ) -> Fault:
        """A fault found later, such as a voice that doesn't exist, at the field's own place.

        Args:
            code: Stable and machine-readable.
            field: Dotted path; a path that the file doesn't hold stands at its nearest parent.
            message: What was expected.
            suggestion: What may have been meant.
        """
        place = _nearest(field, self.places)
        return Fault(
            code=code,
            file=self.shown,
            line=place.line,
            column=place.column,
            field=field,
            message=self.mask(message),
            suggestion=None if suggestion is None else self.mask(suggestion),
            source=shown_line(self.lines, place.line, self.mask),
        )


def _nearest(field: str, places: Mapping[str, Place]) -> Place:
    while field:
        if field in places:
            return places[field]
        field = field.rpartition(".")[0]
    return places.get("", Place(line=1, column=1))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value of its own, so that a change of the body can't reach the declaration."""
    match value:
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
