"""What every record is: frozen, camelCase on the wire, known by its id."""

import secrets

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """A part of a record; camelCase on the wire, either spelling accepted."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid"
    )


class Record(Shape):
    """Something in the world."""

    id: str = Field(min_length=1, max_length=100)


def new_id(kind: str) -> str:
    """An id that nothing had before: ``tool_0f3a…``."""
    return f"{kind}_{secrets.token_hex(8)}"
