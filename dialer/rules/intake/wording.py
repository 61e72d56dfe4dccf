"""Says what pydantic found wrong in plain words, where its own speak of its insides."""

from collections.abc import Mapping

_MOST = 500
_OF_ANOTHER_KIND: Mapping[str, str] = {
    "missing": "this field is required",
    "model_type": "this must be an object with fields",
    "model_attributes_type": "this must be an object with fields",
    "dict_type": "this must be an object with fields",
    "list_type": "this must be a list",
    "int_type": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "bool_type": "this must be true or false",
    "string_type": "this must be a text",
}


def plain_words(found: Mapping[str, object]) -> str:
    """Word one finding, in at most 500 characters.

    Args:
        found: One of `ValidationError.errors()`, with its context where there is one.
    """
    kind = str(found["type"])
    if kind in {"too_long", "too_short"}:
        return _count(found)
    own = str(found["msg"]).removeprefix("Value error, ")
    return _OF_ANOTHER_KIND.get(kind, own)[:_MOST]


def _count(found: Mapping[str, object]) -> str:
    context = found.get("ctx")
    context = context if isinstance(context, Mapping) else {}
    has = context.get("actual_length")
    told = "" if has is None else f"; this has {has:,}"
    if found["type"] == "too_long":
        return f"at most {context.get('max_length', 0):,} entries{told}"
    return f"at least {context.get('min_length', 0):,} entries{told}"
