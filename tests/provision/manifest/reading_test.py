"""Reading as a whole: everything at once, in order, safe to show, and never a crash."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.manifest import Fault, ManifestError, read, snippet
from tests.provision.manifest.manifests import AGENT, faults_of, manifest_of, written

MANY = """\
busines: biz_demo
calendar: {calendarId: primary, accessToken: "${TOKEN}"}
tools:
  people:
    template: transferCall
    config:
      destinations:
        - {name: Office, phoneNumber: (212) 555-0142}
files:
  prices: {path: missing.md}
agents:
  caller:
    name: Caller
    type: outbound
    voice: ${VOICE}
    conversationFlow: Say hello.
    tools: [persons]
"""
EXAMPLES = Path(__file__).parents[3] / "examples" / "agents"


def test_all_faults_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = faults_of(tmp_path, MANY, {"TOKEN": "very-secret"})
    assert [(one.line, one.code, one.field) for one in found] == [
        (1, "unknown_field", "busines"),
        (8, "bad_number", "tools.people.config.destinations.0.phoneNumber"),
        (10, "file_missing", "files.prices.path"),
        (14, "bad_choice", "agents.caller.type"),
        (15, "unset_variable", "agents.caller.voice"),
        (17, "unknown_reference", "agents.caller.tools.0"),
    ]
    assert all("very-secret" not in str(one) for one in found)


def test_a_fault_names_the_file_as_it_was_asked_for(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, AGENT.replace("OUTBOUND", "x"))
    assert fault.file == str(tmp_path / "agents.yaml")
    assert str(fault).startswith(f"{fault.file}:5:11: agents.caller.type: ")
    assert fault.source == "    type: x"


def test_a_secret_in_a_bad_value_is_not_told(tmp_path: Path) -> None:
    text = AGENT.replace("OUTBOUND", "${KIND}")
    (fault,) = faults_of(tmp_path, text, {"KIND": "very-secret-kind"})
    assert "very-secret" not in snippet(fault)
    assert "••••••" in fault.message


@pytest.mark.parametrize(
    "text",
    [
        "calendar:\n  accessToken: ya29.very-secret: x\n",
        "calendar:\n  accessToken: |\n    ya29.very-secret\n   x: 1\n",
        "calendar: {accessToken: ya29.very-secret\n",
        "headers:\n  Authorization: Bearer very-secret: x\n",
    ],
)
def test_a_broken_line_does_not_show_its_secret(tmp_path: Path, text: str) -> None:
    for fault in faults_of(tmp_path, text):
        assert "very-secret" not in snippet(fault)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as raised:
        read(tmp_path / "gone.yaml", environ={})
    (fault,) = raised.value.faults
    assert (fault.code, fault.line, fault.column) == ("manifest_unreadable", 1, 1)


def test_faults_are_bounded(tmp_path: Path) -> None:
    text = "business: b\n" + "".join(f"field{at}: x\n" for at in range(500))
    assert len(faults_of(tmp_path, text)) == 100


def test_places_of_everything(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, AGENT + "    collectFields:\n      - name\n")
    assert manifest.places["agents.caller.collectFields.0"].line == 8
    assert manifest.places["business"].column == 11


def test_a_repeated_key_is_told_beside_the_rest(tmp_path: Path) -> None:
    found = faults_of(tmp_path, AGENT.replace("OUTBOUND", "x") + "business: other\n")
    assert [one.code for one in found] == ["bad_choice", "repeated_key"]


BOUNDED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
DAMAGE = st.text("abc:-[]{}&*!|>'\"#%@` \t\n0${}\x1b\ufeff", max_size=8)


def outcome(path: Path) -> tuple[Fault, ...]:
    try:
        assert read(path, environ={}).business
    except ManifestError as error:
        return error.faults
    return ()


@BOUNDED
@given(data=st.data())
def test_a_damaged_manifest_never_crashes_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["plumber.yaml", "reception.yaml", "reminder.yaml"]))
    (tmp_path / "price-list.md").write_text("Prices")
    lines = (EXAMPLES / name).read_text("utf-8").split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[at])))
    rest = lines[at][column + data.draw(st.integers(0, 6)) :]
    lines[at] = lines[at][:column] + data.draw(DAMAGE) + rest
    path = written(tmp_path, "\n".join(lines))
    for fault in outcome(path):
        assert all(line.isprintable() for line in snippet(fault).split("\n"))
        assert 1 <= fault.line <= len(lines) + 10


@BOUNDED
@given(
    content=st.binary(max_size=200)
    | st.text(st.characters(codec="utf-8"), max_size=200).map(str.encode)
)
def test_any_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    with pytest.raises(ManifestError):
        read(path, environ={})
