"""Makes JSON Schemas from the models that the sandbox reads and keeps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

Schema = dict[str, Any]

REFS = "#/components/schemas/"
SCHEMA_KEYWORDS = ("items", "anyOf", "properties", "additionalProperties")


def ref(name: str) -> Schema:
    """A reference to one of the document's schemas."""
    return {"$ref": REFS + name}


def model_schemas(
    models: Mapping[str, type[BaseModel]], mode: JsonSchemaMode, *, parts: Mapping[str, str]
) -> dict[str, Schema]:
    """The schemas of models and of what they are made of, by their names in the document.

    Args:
        models: The models by those names.
        mode: ``validation`` for what is sent, ``serialization`` for what is answered.
        parts: The names of what they are made of, by its classes' names; else these stay.
    """
    names = {**parts, **{model.__name__: name for name, model in models.items()}}
    wanted = [(model, mode) for model in models.values()]
    _, whole = models_json_schema(wanted, by_alias=True, ref_template=REFS + "{model}")
    return {names.get(own, own): _plain(schema, names) for own, schema in whole["$defs"].items()}


def answer_schema(
    schema: Schema,
    *,
    without: Collection[str] = (),
    optional: Collection[str] = (),
    more: Mapping[str, Schema] | None = None,
) -> Schema:
    """What is shown of a record.

    Args:
        schema: The record's schema.
        without: Properties that are never shown.
        optional: Properties that are left out where there is nothing to show, never null.
        more: Properties that are shown beside the record's, or told more exactly than by it.
    """
    properties = {
        name: _never_null(part) if name in optional else part
        for name, part in schema["properties"].items()
        if name not in without
    } | dict(more or {})
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def object_schema(properties: Mapping[str, Schema], *, optional: Collection[str] = ()) -> Schema:
    """An object that always has its properties, apart from the optional ones."""
    return answer_schema({"properties": dict(properties)}, optional=optional)


def page_schema(item: str) -> Schema:
    """One page of a list."""
    number = {"type": "integer", "minimum": 1}
    return object_schema(
        {
            "items": {"type": "array", "items": ref(item)},
            "total": {"type": "integer", "minimum": 0, "description": "items on all pages"},
            "page": number,
            "page_size": number | {"maximum": 100},
        }
    )


def _never_null(schema: Schema) -> Schema:
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    rest: Schema = {name: part for name, part in schema.items() if name != "anyOf"}
    return {**rest, **choices[0]}


def _plain(schema: Schema, names: Mapping[str, str]) -> Schema:
    # Titles repeat the names; defaults of models are what is not sent, which says nothing here.
    kept = {name: part for name, part in schema.items() if name not in {"title", "default"}}
    if "$ref" in kept:
        own = kept["$ref"].removeprefix(REFS)
        kept["$ref"] = REFS + names.get(own, own)
    for keyword in SCHEMA_KEYWORDS:
        if keyword in kept:
            kept[keyword] = _inside(kept[keyword], keyword, names)
    if "description" in kept:
        kept["description"] = " ".join(str(kept["description"]).replace("`", "").split())
    return kept


def _inside(part: object, keyword: str, names: Mapping[str, str]) -> object:
    if keyword == "properties" and isinstance(part, Mapping):
        return {name: _plain(schema, names) for name, schema in part.items()}
    if isinstance(part, Mapping):
        return _plain(dict(part), names)
    if isinstance(part, Sequence):
        return [_plain(schema, names) for schema in part]
    return part
