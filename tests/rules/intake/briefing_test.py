"""What the agent is told: hostile text stays text, templates are closed, limits hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.intake.briefing import (
    FIELDS,
    MAX_CONTEXT,
    MAX_IMAGES,
    MAX_INFO,
    MAX_TEMPLATE,
    Briefing,
    brief,
    clean,
    render,
    template_faults,
)

LEAD: dict[str, object] = {
    "name": "Ada Example",
    "email": "ada@example.com",
    "external_id": "a1",
    "context": "wants a new roof",
    "additional_info": "gate code at the door",
    "postal_code": "10001",
    "state": "NY",
    "timezone": "America/New_York",
    "partner_lead_id": "lead_9",
    "attributes": {"roof age": 12, "urgent": True, "name": "inner"},
    "image_urls": ["https://example.com/roof.jpg"],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {{name}}.", "Hello Ada Example."),
        ("Hello {{ first_name }}.", "Hello Ada."),
        ("{{name}}{{name}}", "Ada ExampleAda Example"),
        ("Roof: {{attributes.roof age}} years", "Roof: 12 years"),
        ("{{attributes.urgent}}", "True"),
        ("{{attributes.name}}", "inner"),
        ('{{attributes.none|"unknown"}} age', "unknown age"),
        ('{{ attributes.none | "unknown" }}', "unknown"),
        ('{{name|"there"}}', "Ada Example"),
        ("{{attributes.none}}!", "!"),
        ('{{attributes.none|""}}!', "!"),
        ("no places", "no places"),
        ("{name} {{{name}}}", "{name} {Ada Example}"),
        ("  {{state}}\n", "NY"),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert template_faults(template) == []
    assert render(template, LEAD) == text


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_used(field: str) -> None:
    assert template_faults("{{" + field + "}}") == []
    assert render("{{" + field + "}}", LEAD)


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{nmae}}", "'nmae' is not a field of a lead; use name,"),
        ("{{phone}}", "'phone' is not a field"),
        ("{{ }}", "'' is not a field"),
        ("{{attributes.}}", "'attributes.' is not a field"),
        ("{{attributes.a.b}}", "'attributes.a.b' is not a field"),
        ("{{name.__class__}}", "'name.__class__' is not a field"),
        ("{{name", "a placeholder is not closed or not readable"),
        ("{{name|there}}", "a placeholder is not closed or not readable"),
        ("{{name|'there'}}", "a placeholder is not closed or not readable"),
        ("{{}}", "a placeholder is not closed or not readable"),
        ("{{" + "n" * 121 + "}}", "a placeholder is not closed or not readable"),
        ("x" * (MAX_TEMPLATE + 1), "the template has 8001 characters; at most 8000 fit"),
    ],
)
def test_a_bad_template_says_what_is_wrong(template: str, fault: str) -> None:
    assert template_faults(template)[0].startswith(fault)


def test_every_fault_is_named() -> None:
    assert len(template_faults("{{a}} {{b}} {{c")) == 3


@pytest.mark.parametrize("junk", ["{{", "{{ ", "{{a|", '{{a|"', "{{ {{", "{{a |  "])
def test_no_template_makes_reading_it_slow(junk: str) -> None:
    # Before, 2,000 blanks after an opening took a quarter of a minute; the test's time-out
    # catches a return of it.
    for text in ((junk * MAX_TEMPLATE)[:MAX_TEMPLATE], (junk + " " * MAX_TEMPLATE)[:MAX_TEMPLATE]):
        assert template_faults(text)
        render(text, LEAD)


@pytest.mark.parametrize(
    "hostile",
    [
        "{{email}}",
        "{{attributes.secret}}",
        "{0.__class__}",
        "%(name)s ${name} #{7*7} {{7*7}}",
        "\\1 \\g<0>",
        "<script>alert(1)</script>",
        '{{name|"x"}}',
    ],
)
def test_values_are_inserted_and_never_evaluated(hostile: str) -> None:
    lead = LEAD | {"name": hostile, "attributes": {"secret": "leaked"}}
    assert render("Hi {{name}}, {{state}}", lead) == f"Hi {hostile}, NY"


def test_a_default_is_not_evaluated_either() -> None:
    assert render('{{attributes.none|"name"}}', LEAD) == "name"


def test_control_and_invisible_characters_are_dropped() -> None:
    hidden = "\x00\x07\x1b[31m\u200b\u202e\u2066\ud800\ue000"
    assert clean(f"A{hidden}b\r\n\tc") == "A[31mb\n\tc"


def test_letters_of_every_script_stay() -> None:
    assert clean("Zoë 李 محمد Nuñez") == "Zoë 李 محمد Nuñez"


def test_without_templates_the_leads_own_words_are_passed_on() -> None:
    assert brief(LEAD, context_template=None, info_template=None) == Briefing(
        name="Ada Example",
        lead_id="lead_9",
        context="wants a new roof",
        additional_info="gate code at the door",
        image_urls=("https://example.com/roof.jpg",),
    )


def test_templates_replace_them() -> None:
    found = brief(LEAD, context_template="{{name}}", info_template="{{context}}!")
    assert (found.context, found.additional_info) == ("Ada Example", "wants a new roof!")


def test_what_is_empty_is_left_out() -> None:
    bare: dict[str, object] = {"name": " ", "image_urls": None, "attributes": None}
    found = brief(bare, context_template=None, info_template="{{attributes.none}}")
    assert found.context is None
    assert found.additional_info is None
    assert found.lead_id is None
    assert found.image_urls == ()


def test_the_leads_id_can_be_left_out() -> None:
    found = brief(LEAD, context_template=None, info_template=None, with_lead_id=False)
    assert found.lead_id is None


def test_everything_is_cut_at_its_limit() -> None:
    lead = LEAD | {"name": "n" * 500, "context": "c" * 9_999, "image_urls": ["https://a"] * 50}
    found = brief(lead, context_template="{{context}}{{context}}", info_template="{{context}}")
    assert len(found.name or "") == 200
    assert len(found.context or "") == MAX_CONTEXT
    assert len(found.additional_info or "") == MAX_INFO
    assert len(found.image_urls) == MAX_IMAGES


@settings(deadline=None)
@given(template=st.text(max_size=300), value=st.text(max_size=100))
def test_any_text_is_told_within_the_limits(template: str, value: str) -> None:
    lead = {"name": value, "context": value, "attributes": {value: value}}
    template_faults(template)
    found = brief(lead, context_template=template, info_template=None)
    assert len(found.context or "") <= MAX_CONTEXT
    assert "\x00" not in (found.additional_info or "")
