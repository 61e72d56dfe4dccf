"""What becomes of tools, files and the calendar, most of which can't be read back."""

import pytest

from provision.manifest import ManifestError
from provision.plan import HIDDEN, Drift, Verb
from provision.state import Body, Entry, Intent, State
from tests.provision.drafting.scenes import drafted, file, manifest, state, tool, upstream
from tests.provision.workbench import did

SENT: Body = {"templateToolId": "template-transfer-001", "configOverride": {"a": 1}}
FILE: Body = {"name": "a.md", "sizeBytes": 3, "sha256": "0" * 64}
STAMP, LATER = "2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z"


def owned_tool(*, touched: bool = False) -> State:
    entry = Entry(id="tool_1", sent=SENT, observed={"updatedAt": STAMP}, touched=touched)
    return state(tools_desk=entry)


def there(stamp: str = STAMP) -> list[Body]:
    return [
        {"id": "tool_1", "templateToolId": "template-transfer-001", "updatedAt": stamp},
    ]


@pytest.mark.parametrize("template", ["transferCall", "TRANSFERCALL", "template-transfer-001"])
def test_a_tool_that_is_as_it_was_sent_stays(template: str) -> None:
    made = drafted(manifest(tool(template=template, a=1)), owned_tool(), upstream(tools=there()))
    assert did(made) == []


def test_a_configuration_is_compared_with_what_was_sent() -> None:
    made = drafted(manifest(tool(a=2, b=[3])), owned_tool(), upstream(tools=there()))
    (action,) = made.changes
    assert action.verb is Verb.UPDATE
    assert [(one.path, one.before, one.after) for one in action.differences] == [
        ("configOverride.a", 1, 2),
        ("configOverride.b", None, [3]),
    ]


def test_a_secret_in_a_configuration_is_hidden() -> None:
    declared = manifest(
        tool(key="desk", a="hunter2-hunter2"), secrets=frozenset({"hunter2-hunter2"})
    )
    made = drafted(declared, owned_tool(), upstream(tools=there()))
    (difference,) = made.changes[0].differences
    assert (difference.before, difference.after, difference.secret) == (1, HIDDEN, True)


def test_a_stamp_that_moved_is_drift() -> None:
    made = drafted(manifest(tool(a=1)), owned_tool(), upstream(tools=there(LATER)))
    assert [one.drift for one in made.drift] == [Drift.CHANGED]
    assert did(made) == [(Verb.UPDATE, "tools.desk")]
    assert made.changes[0].reason == "because it was changed outside"


def test_a_stamp_that_moved_by_our_own_interrupted_change_is_none() -> None:
    made = drafted(manifest(tool(a=1)), owned_tool(touched=True), upstream(tools=there(LATER)))
    assert made.drift == ()
    assert made.changes[0].reason == "because an earlier run was interrupted"


def test_another_template_is_another_tool() -> None:
    declared = manifest(tool(template="function", a=1))
    made = drafted(declared, owned_tool(), upstream(tools=there()))
    assert did(made) == [(Verb.REPLACE, "tools.desk"), (Verb.DELETE, "tools.desk")]
    assert made.changes[1].replaced


def test_an_unknown_template_is_a_fault() -> None:
    with pytest.raises(ManifestError) as caught:
        drafted(manifest(tool(template="transferCal")))
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("unknown_template", "tools.desk.template")
    assert fault.suggestion == 'did you mean "transferCall"?'


def test_a_file_is_told_by_its_content() -> None:
    kept = state(files_prices=Entry(id="file_1", sent=FILE))
    found = upstream(files=[{"id": "file_1", "status": "processing"}])
    assert did(drafted(manifest(file()), kept, found)) == []
    made = drafted(manifest(file(sha256="1" * 64)), kept, found)
    assert did(made) == [(Verb.REPLACE, "files.prices"), (Verb.DELETE, "files.prices")]
    assert made.changes[0].reason == "because its content changed"


def test_a_failed_file_is_uploaded_again() -> None:
    kept = state(files_prices=Entry(id="file_1", sent=FILE))
    made = drafted(manifest(file()), kept, upstream(files=[{"id": "file_1", "status": "failed"}]))
    assert made.changes[0].verb is Verb.REPLACE
    assert made.changes[0].reason == "because its processing failed"


def test_the_oldest_file_of_that_name_and_size_is_adopted() -> None:
    def like(thing_id: str, created: str, status: str = "ready") -> Body:
        shown: Body = {"id": thing_id, "name": "a.md", "sizeBytes": 3}
        return shown | {"createdAt": created, "status": status}

    found = upstream(files=[like("new", LATER), like("old", STAMP), like("bad", "2020", "failed")])
    made = drafted(manifest(file()), None, found)
    assert did(made) == [(Verb.ADOPT, "files.prices")]
    assert made.changes[0].id == "old"


def interrupted(sent: Body, match: Body, address: str = "tools.desk") -> State:
    return state().with_intent(address, Intent(known_ids=("old",), match=match, sent=sent))


def test_what_an_interrupted_create_made_is_adopted_with_its_differences() -> None:
    kept = interrupted(SENT, {"templateToolId": "template-transfer-001"})
    made = drafted(manifest(tool(a=2)), kept, upstream(tools=there()))
    (action,) = made.changes
    assert (action.verb, action.id) == (Verb.ADOPT, "tool_1")
    assert [one.path for one in action.differences] == ["configOverride.a"]


def test_what_an_interrupted_create_made_in_vain_is_deleted_first() -> None:
    kept = interrupted(FILE, {"name": "a.md", "sizeBytes": 3}, "files.prices")
    found = upstream(files=[{"id": "file_1", "name": "a.md", "sizeBytes": 3, "status": "ready"}])
    made = drafted(manifest(file(sha256="1" * 64)), kept, found)
    assert did(made) == [(Verb.DELETE, "files.prices"), (Verb.CREATE, "files.prices")]
    assert made.changes[0].id == "file_1"


def test_what_an_interrupted_create_made_for_nobody_is_deleted() -> None:
    kept = interrupted(SENT, {"templateToolId": "template-transfer-001"})
    assert did(drafted(manifest(), kept, upstream(tools=there()))) == [(Verb.DELETE, "tools.desk")]
    assert did(drafted(manifest(), kept, upstream())) == []


def test_a_new_token_is_no_change_of_the_calendar() -> None:
    sent: Body = {"calendarId": "primary"}
    kept = state(calendar=Entry(id="config_1", sent=sent, observed=sent))
    found = upstream(calendar={"id": "config_1", "calendarId": "primary"})
    assert did(drafted(manifest(calendar="primary"), kept, found)) == []


@pytest.mark.parametrize(
    ("shown", "verb", "drifts"),
    [
        (None, Verb.CREATE, [Drift.DELETED]),
        ("theirs", Verb.UPDATE, [Drift.CHANGED]),
    ],
)
def test_a_calendar_that_changed_is_set_back(
    shown: str | None, verb: Verb, drifts: list[Drift]
) -> None:
    sent: Body = {"calendarId": "primary"}
    kept = state(calendar=Entry(id="config_1", sent=sent, observed=sent))
    found = upstream(calendar=shown and {"id": "config_1", "calendarId": shown})
    made = drafted(manifest(calendar="primary"), kept, found)
    assert did(made) == [(verb, "calendar")]
    assert [one.drift for one in made.drift] == drifts
    assert "ya29" not in str(made.as_json())


def test_a_calendar_that_is_connected_already_is_adopted_and_changed() -> None:
    found = upstream(calendar={"id": "config_1", "calendarId": "theirs"})
    (action,) = drafted(manifest(calendar="primary"), None, found).changes
    assert action.verb is Verb.ADOPT
    assert [(one.before, one.after) for one in action.differences] == [("theirs", "primary")]
