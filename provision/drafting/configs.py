"""Holds what a tool is told against what its template takes, before anything is sent."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import jsonschema_rs
from pydantic import JsonValue, ValidationError

from partner import CreateTool
from provision.drafting.scene import Scene, closest
from provision.manifest.faults import quoted
from provision.manifest.models import ToolDeclaration
from provision.secrecy import tidy
from provision.state import Body

_MOST: Final = 20
_KINDS: Final = jsonschema_rs.ValidationErrorKind
_APPOINTMENTS: Final = "appointmentConfig"
_GUIDED: Final = frozenset({"destinations", _APPOINTMENTS})
"""Members that the guide defines itself; the upstream keeps ids in their place."""

_OPEN: Final = frozenset({"additionalProperties", "patternProperties", "$ref", "allOf", "anyOf"})


def check_config(scene: Scene, declared: ToolDeclaration, template: Body) -> None:
    """Note what the template doesn't take; warn of what the upstream drops or shares.

    The template's own JSON Schema decides, except for destinations and appointments: the guide
    says what those are.
    """
    body: Body = declared.body(str(template["id"]))
    config = body.get("configOverride") or {}
    if not isinstance(config, dict):
        return
    if _GUIDED & config.keys():
        _check_guided(scene, declared, body)
        _warn_of_sharing(scene, declared, config)
        return
    for error in islice(_errors(_schema(template), config), _MOST):
        _note(scene, declared.address, template, config, error)
    _warn_of_dropping(scene, declared, config, _schema(template))


def _schema(template: Body) -> Body:
    schema = template.get("configSchema")
    return schema if isinstance(schema, dict) else {}


def _errors(schema: Body, config: Body) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        # Masked, so that no fault repeats a secret; offline, so that no schema makes us fetch.
        validator = jsonschema_rs.validator_for(dict(schema), mask="this", offline=True)
    except ValueError:
        # What can't be read can't refuse anything: the upstream has the last word.
        return iter(())
    return validator.iter_errors(config)


def _note(
    scene: Scene,
    address: str,
    template: Body,
    config: Body,
    error: jsonschema_rs.ValidationError,
) -> None:
    where = ".".join((address, "config", *map(str, error.instance_path)))
    top, schema, base = not error.instance_path, _schema(template), template.get("config")
    match error.kind:
        case _KINDS.Required(property=name):
            if top and isinstance(base, dict) and name in base:
                return
            meant = _misspelt(name, config, schema) if top else None
            at = f"{where}.{meant}" if meant else where
            hint = f"did you mean {name}?" if meant else None
            scene.fault("missing_field", at, f"the template needs the field {quoted(name)}", hint)
        case _KINDS.AdditionalProperties(unexpected=names):
            for name in names:
                message = f"the template takes no field {quoted(name)}"
                meant = closest(name, _properties(schema)) if top else None
                scene.fault("unknown_field", f"{where}.{name}", message, meant)
        case _:
            message = f"the template takes something else: {tidy(error.message)}"
            scene.fault("bad_config", where, message)


def _misspelt(name: str, config: Body, schema: Body) -> str | None:
    unknown = [one for one in config if one not in _properties(schema)]
    return next((one for one in unknown if closest(one, [name])), None)


def _properties(schema: Body) -> Mapping[str, JsonValue]:
    known = schema.get("properties")
    return known if isinstance(known, dict) else {}


def _check_guided(scene: Scene, declared: ToolDeclaration, body: Body) -> None:
    try:
        CreateTool.model_validate(body)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False)[:_MOST]:
            # The first is the body's field, the second names the alternative that was taken.
            path = ".".join((declared.address, "config", *map(str, one["loc"][2:])))
            scene.fault("bad_config", path, tidy(one["msg"]))


def _warn_of_dropping(scene: Scene, declared: ToolDeclaration, config: Body, schema: Body) -> None:
    known, address = _properties(schema), declared.address
    told = set[str]()
    for name in config if known and not _OPEN & schema.keys() else ():
        if name not in known:
            meant = closest(name, known)
            hint = f"; {meant}" if meant else ""
            told.add(name)
            scene.warnings.append(
                f"{address}: {quoted(name)} is no setting of {quoted(declared.template)} and may "
                f"be dropped upstream{hint}"
            )
    for name in sorted((_dropped(scene, address) - told) & config.keys()):
        scene.warnings.append(f"{address}: the upstream did not keep {quoted(name)}")


def _dropped(scene: Scene, address: str) -> set[str]:
    """What was sent last time and isn't in force."""
    entry = scene.state.entries.get(address)
    if entry is None or entry.touched:
        return set()
    sent = entry.sent.get("configOverride")
    effective = scene.upstream.tools.get(entry.id, {}).get("effectiveConfig")
    if not isinstance(sent, dict) or not isinstance(effective, dict):
        return set()
    return {name for name in sent if name not in effective}


def _warn_of_sharing(scene: Scene, declared: ToolDeclaration, config: Mapping[str, Any]) -> None:
    if _APPOINTMENTS not in config:
        return
    entry = scene.state.entries.get(declared.address)
    ours = _settings(scene.upstream.tools.get(entry.id, {})) if entry else None
    mine = scene.state.owned_ids | {*scene.recovered.values()}
    others = [
        thing_id
        for thing_id, tool in scene.upstream.tools.items()
        if thing_id not in mine and (found := _settings(tool)) and found == (ours or found)
    ]
    if others:
        named = tidy(", ".join(sorted(others)[:3]))
        scene.warnings.append(
            f"{declared.address}: a business has one set of appointment settings, and {named} "
            "uses it too: what is applied last counts for all of them"
        )


def _settings(tool: Body) -> JsonValue:
    override = tool.get("configOverride")
    return override.get("appointmentConfigId") if isinstance(override, dict) else None
