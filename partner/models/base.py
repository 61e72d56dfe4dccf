"""Reads what the upstream sends without falling over what it didn't announce; checks ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import to_json, to_jsonable_python


def _text_only(value: object) -> object:
    # A bare number, in quotes or not, could be seconds or milliseconds, and pydantic would read
    # it as one of them: a guess is worse than no time at all.
    dated = isinstance(value, str) and value[4:5] == "-"
    if dated or isinstance(value, datetime):
        return value
    raise ValueError("a time is ISO 8601 text")


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time beyond the calendar") from error


Instant = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_to_utc)]
"""A moment in UTC. Text without an offset is not read: guessing a zone could move a call."""


def _encodable(value: str) -> str:
    value.encode()
    return value


Text = Annotated[str, AfterValidator(_encodable)]
"""Text of ours that goes over the wire: no lone surrogates, which UTF-8 can't carry."""

Identifier = Annotated[str, Field(min_length=1, max_length=200)]
"""An id of the upstream's."""


class Received(BaseModel):
    """An object in an answer.

    Unknown fields are kept in ``model_extra``. An optional field of the wrong type becomes
    None and is kept, as it came, in ``odd``. A required field of the wrong type fails.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        frozen=True,
        protected_namespaces=(),
    )

    _odd: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def odd(self) -> Mapping[str, Any]:
        """Fields whose type was wrong, by their name on the wire, as they came."""
        return self._odd

    @model_validator(mode="wrap")
    @classmethod
    def _tolerate(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - anything can come over the wire
        try:
            return handler(value)
        except ValidationError as error:
            wrong = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
            if not isinstance(value, dict) or not wrong or wrong & cls._required():
                raise
        read = handler({key: item for key, item in value.items() if key not in wrong})
        read._odd = {key: value[key] for key in wrong & value.keys()}  # noqa: SLF001 - its own class
        return read

    @classmethod
    def _required(cls) -> set[str]:
        required = {name for name, field in cls.model_fields.items() if field.is_required()}
        return required | {cls.model_fields[name].alias or name for name in required}


class Listed(Received):
    """An object in an answer that can be told from others by its id."""

    id: Identifier


class Sent(BaseModel):
    """A body or a query of ours: checked when it is made, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
    )


class Body(Sent):
    """A request body; optional fields that are None, or weren't given, are left out."""

    def wire(self) -> dict[str, JsonValue]:
        """The body as JSON values, by their names on the wire, secrets in the clear."""
        return {self._alias(name): _plain(getattr(self, name)) for name in self._sent()}

    def body(self) -> bytes:
        """The body as JSON, secrets in the clear."""
        return to_json(self.wire())

    def _sent(self) -> list[str]:
        return [name for name in type(self).model_fields if getattr(self, name) is not None]

    @classmethod
    def _alias(cls, name: str) -> str:
        return cls.model_fields[name].alias or name


class Change(Body):
    """The body of a PATCH: what isn't given is left alone, and None is sent as null.

    ``lasting`` names the fields that can be changed but not cleared.
    """

    lasting: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _nothing_lasting_is_cleared(self) -> Self:
        for name in self.lasting & self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{self._alias(name)} can be changed, but not cleared")
        return self

    def _sent(self) -> list[str]:
        return [name for name in type(self).model_fields if name in self.model_fields_set]


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type that pydantic reads
    match value:
        case Body():
            return value.wire()
        case SecretStr():
            return value.get_secret_value()
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return to_jsonable_python(value)
