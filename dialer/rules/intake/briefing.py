"""What the agent is told: campaign templates and the lead become context and images.

Templates hold `{{ name }}`-style placeholders over a closed list of fields. Values are
untrusted text: they are inserted as they are, never evaluated, stripped of control
characters, and cut at a limit.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIELDS = (
    "name",
    "first_name",
    "email",
    "external_id",
    "context",
    "additional_info",
    "postal_code",
    "state",
    "timezone",
)
MAX_TEMPLATE = 8_000
MAX_CONTEXT = 8_000
MAX_INFO = 4_000
MAX_IMAGES = 10

# No two neighbours of the pattern can match the same character, so no template makes it slow.
_PLACE = re.compile(r"\{\{([^{}|]{1,120})(?:\|\s*\"([^\"{}]{0,200})\"\s*)?\}\}")
_ATTRIBUTE = re.compile(r"attributes\.[A-Za-z0-9_\- ]{1,64}")


@dataclass(frozen=True, slots=True)
class Briefing:
    """The optional parts of a call request, within the limits above."""

    name: str | None
    lead_id: str | None
    context: str | None
    additional_info: str | None
    image_urls: tuple[str, ...]


def template_faults(template: str) -> list[str]:
    """Name what is wrong with a template, in plain sentences; empty when it is good."""
    if len(template) > MAX_TEMPLATE:
        return [f"the template has {len(template)} characters; at most {MAX_TEMPLATE} fit"]
    faults = [_unknown(field) for field in _fields(template) if not _is_known(field)]
    if _PLACE.sub("", template).count("{{"):
        faults.append(
            'a placeholder is not closed or not readable; write {{name}} or {{name|"there"}}'
        )
    return faults


def render(template: str, lead: Mapping[str, object]) -> str:
    """Fill a template; a missing value becomes its default, or nothing."""

    def fill(match: re.Match[str]) -> str:
        return _value(match[1].strip(), lead) or match[2] or ""

    return _PLACE.sub(fill, template).strip()


def brief(
    lead: Mapping[str, object],
    *,
    context_template: str | None,
    info_template: str | None,
    with_lead_id: bool = True,
) -> Briefing:
    """Make the briefing of one call from the lead's fields and the campaign's templates.

    Without a template, the lead's own `context` and `additional_info` are passed on.
    """
    images = lead.get("image_urls") or ()
    context = render(context_template or "{{context}}", lead)
    info = render(info_template or "{{additional_info}}", lead)
    lead_id = str(lead.get("partner_lead_id") or "")
    return Briefing(
        name=_value("name", lead)[:200] or None,
        lead_id=(lead_id or None) if with_lead_id else None,
        context=context[:MAX_CONTEXT] or None,
        additional_info=info[:MAX_INFO] or None,
        image_urls=tuple(images[:MAX_IMAGES]) if isinstance(images, Sequence) else (),
    )


def clean(text: str) -> str:
    """Drop control and invisible formatting characters, keeping line breaks and tabs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")


def _fields(template: str) -> Iterable[str]:
    return (match[1].strip() for match in _PLACE.finditer(template))


def _is_known(field: str) -> bool:
    return field in FIELDS or bool(_ATTRIBUTE.fullmatch(field))


def _unknown(field: str) -> str:
    return f"{field!r} is not a field of a lead; use {', '.join(FIELDS)} or attributes.NAME"


def _value(field: str, lead: Mapping[str, object]) -> str:
    if field == "first_name":
        return _value("name", lead).partition(" ")[0]
    attributes = lead.get("attributes")
    if field.startswith("attributes.") and isinstance(attributes, Mapping):
        found = attributes.get(field.removeprefix("attributes."))
    else:
        found = lead.get(field)
    return "" if found is None else clean(str(found))
