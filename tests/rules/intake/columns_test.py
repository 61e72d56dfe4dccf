"""Columns find their fields by the usual names, by choice, or become attributes."""

import pytest

from dialer.rules.errors import InvalidInputError
from dialer.rules.intake.columns import decide, parse_choices, slug
from dialer.rules.intake.lead_input import LeadInput


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Phone Number", "phone"),
        ("mobile_phone", "phone"),
        ("Primary Phone", "phone"),
        ("Full Name", "name"),
        ("E-mail", "email"),
        ("CRM ID", "external_id"),
        ("Lead ID", "external_id"),
        ("Notes", "context"),
        ("Photos", "image_urls"),
        ("ZIP", "postal_code"),
        ("Zip / Postal Code", "postal_code"),
        ("State", "state"),
        ("Time Zone", "timezone"),
    ],
)
def test_usual_names(column: str, field: str) -> None:
    columns = decide([column] if field == "phone" else ["Phone", column], {})
    assert column in columns.fields[field]
    assert field in LeadInput.model_fields


def test_several_numbers_are_tried_in_turn() -> None:
    columns = decide(["Home Phone", "Mobile"], {})
    assert columns.lead(["", "212-555-0142"])["phone"] == "212-555-0142"
    assert columns.lead(["303-555-0142", "212-555-0142"])["phone"] == "212-555-0142"
    assert columns.lead([" ", ""]) == {"phone": ""}


def test_a_name_is_put_together() -> None:
    columns = decide(["First Name", "Last Name", "Phone"], {})
    assert columns.lead(["Ada", "Example", "1"])["name"] == "Ada Example"
    assert columns.unread == ()
    assert "attributes" not in columns.lead(["Ada", "Example", "1"])


def test_all_else_becomes_attributes_with_names_that_templates_can_use() -> None:
    columns = decide(["Phone", "Roof Type?", "roof-type", "Größe", "日本", "", "Priority"], {})
    lead = columns.lead(["1", "tile", "flat", "XL", "x", "y", "High"])
    assert lead["attributes"] == {
        "roof_type": "tile",
        "roof_type_2": "flat",
        "groe": "XL",
        "column": "x",
        "column_6": "y",
        "priority": "High",
    }


def test_blank_cells_are_left_out_and_images_are_split() -> None:
    columns = decide(["Phone", "Email", "Photos", "State", "Time Zone"], {})
    urls = "https://a.example.com/1.jpg, https://a.example.com/2.jpg\nhttps://a.example.com/3.jpg"
    lead = columns.lead(["1", "  ", urls, "new york", "Eastern"])
    assert lead == {
        "phone": "1",
        "image_urls": [f"https://a.example.com/{n}.jpg" for n in (1, 2, 3)],
        "state": "NY",
        "timezone": "America/New_York",
    }


def test_a_choice_goes_before_the_usual_name() -> None:
    chosen = parse_choices(["phone=Cell", "state=", "attributes.stage=State", "attributes.junk="])
    columns = decide(["Phone", "cell", "State", "Junk", "Phone"], chosen)
    lead = columns.lead(["1", "2", "open", "j", "3"])
    assert lead == {
        "phone": "2",
        "attributes": {"stage": "open", "phone": "1", "phone_2": "3"},
    }
    assert columns.unread == ("Junk",)


def test_the_columns_of_a_file_of_refused_rows_are_not_read() -> None:
    columns = decide(["outdial_row", "outdial_code", "Phone"], {})
    assert columns.lead(["2", "phone.empty", "1"]) == {"phone": "1"}
    assert columns.unread == ("outdial_row", "outdial_code")


@pytest.mark.parametrize(
    ("header", "chosen", "said"),
    [
        (["Name", "City"], {}, 'no column looks like a phone.*"Name", "City"'),
        (["Contact Phone 1", "Contact Phone 2"], {}, "several columns look like a phone"),
        (["Phone"], {"phone": "Fone"}, 'no column "Fone".*Did you mean "Phone"'),
        (["Phone"], {"phnoe": "Phone"}, "did you mean phone"),
        (["Phone"], {"phone": ""}, "a lead needs a phone"),
        (["Phone"], {"attributes.": "Phone"}, "not a field"),
        (["Phone"], {"consent": "Phone"}, "not a field"),
    ],
)
def test_what_cannot_be_mapped_is_told(
    header: list[str], chosen: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        decide(header, chosen)
    assert caught.value.faults


def test_a_choice_needs_an_equals_sign() -> None:
    with pytest.raises(InvalidInputError, match="FIELD=COLUMN"):
        parse_choices(["phone"])


def test_too_many_columns_are_left_unread_and_told() -> None:
    columns = decide(["Phone", *(f"c{n}" for n in range(150))], {})
    assert len(columns.unread) == 50


def test_attribute_names_fit() -> None:
    assert slug("x" * 100) == "x" * 64
    columns = decide(["Phone", "x" * 100, "x" * 101], {})
    assert all(len(name.removeprefix("attributes.")) <= 64 for name in columns.fields)


def test_what_is_told_of_a_monstrous_header_is_short() -> None:
    header = ["x" * 5_000, *(f"column {n}" for n in range(900))]
    with pytest.raises(InvalidInputError) as caught:
        decide(header, {"y" * 5_000: "z"})
    assert len(caught.value.message) < 1_000
    with pytest.raises(InvalidInputError) as caught:
        decide(header, {})
    assert len(caught.value.message) < 2_000
