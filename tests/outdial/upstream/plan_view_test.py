"""A plan as people read it: signs, differences, masked secrets, and a closing line."""

import re
from io import StringIO

import pytest
from pydantic import JsonValue
from rich.console import Console

from outdial.upstream.plan_view import SIGNS, show_plan, summary
from provision.plan import HIDDEN, Action, Difference, Drift, Drifted, Plan, Verb
from provision.state import Kind

HOSTILE = "\x1b]0;owned\x07\x1b[2J[red]\u202eevil\r"


def difference(path: str, before: JsonValue, after: JsonValue) -> Difference:
    """A difference of a field that is its own leaf."""
    return Difference(field=path, path=path, before=before, after=after)


def action(verb: Verb, *differences: Difference, **more: object) -> Action:
    """Something done to an agent."""
    told = {"address": "agents.caller", "label": "Caller", "id": "agent_1", **more}
    return Action(kind=Kind.AGENT, verb=verb, differences=differences, **told)  # type: ignore[arg-type] # texts of the test's own


def plan(
    *actions: Action, drift: tuple[Drifted, ...] = (), warnings: tuple[str, ...] = ()
) -> Plan:
    """A plan of these actions."""
    return Plan(
        base_url="https://partner.example.com/v1",
        business="biz_1",
        actions=actions,
        drift=drift,
        warnings=warnings,
        missing_scopes=(),
        salt="0" * 32,
        manifest_digest="0" * 64,
        state_serial=0,
    )


def shown(
    made: Plan, *, destroying: bool = False, terminal: bool = False, full: bool = False
) -> str:
    """What is printed."""
    file = StringIO()
    console = Console(
        file=file,
        width=80,
        markup=False,
        highlight=False,
        emoji=False,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
    )
    show_plan(console, made, destroying=destroying, full=full)
    return file.getvalue()


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.NONE])
def test_each_verb_has_its_sign_and_clause(verb: Verb) -> None:
    sign, clause, _ = SIGNS[verb]
    lines = shown(plan(action(verb))).splitlines()
    assert lines[1].strip() == f'{sign} agents.caller "Caller" (agent_1) {clause}'


def test_the_closing_line() -> None:
    made = plan(
        *[action(Verb.CREATE)] * 3,
        action(Verb.UPDATE),
        action(Verb.DEPLOY),
        action(Verb.ON_DUTY),
        action(Verb.NONE),
    )
    told = "Plan: 3 to create, 1 to update, 0 to replace, 0 to delete, 1 to deploy"
    assert summary(made) == f"{told}, 1 to go on duty."
    assert shown(made).splitlines()[-1] == summary(made)


def test_the_usual_closing_line_counts_what_people_look_for() -> None:
    made = plan(*[action(Verb.CREATE)] * 3, action(Verb.UPDATE))
    assert summary(made) == "Plan: 3 to create, 1 to update, 0 to replace, 0 to delete."


def test_a_replacement_is_one_thing() -> None:
    made = plan(action(Verb.REPLACE), action(Verb.DELETE, replaced=True))
    assert shown(made).count("agents.caller") == 1
    assert "1 to replace, 0 to delete" in summary(made)


def test_nothing_to_do() -> None:
    assert shown(plan(action(Verb.NONE))).startswith("No changes.")
    assert shown(plan(), destroying=True) == "Nothing to destroy.\n"


def test_differences_of_each_kind() -> None:
    made = action(
        Verb.UPDATE,
        difference("voiceId", None, "voice_1"),
        difference("multilingual", True, None),
        difference("personality.tone", "friendly", "formal"),
    )
    lines = [line.strip() for line in shown(plan(made)).splitlines()]
    assert '+ voiceId = "voice_1"' in lines
    assert "- multilingual = true" in lines
    assert '~ personality.tone = "friendly" -> "formal"' in lines


def test_prose_is_shown_as_a_diff_of_lines() -> None:
    before = "Greet them.\nAsk what is wrong.\nSay goodbye."
    made = action(Verb.UPDATE, difference("flow", before, before.replace("wrong", "broken")))
    lines = [line.strip() for line in shown(plan(made)).splitlines()]
    assert lines[lines.index("~ flow =") :][:5] == [
        "~ flow =",
        "Greet them.",
        "- Ask what is wrong.",
        "+ Ask what is broken.",
        "Say goodbye.",
    ]


def test_long_prose_is_cut_and_says_by_how_much() -> None:
    text = "\n".join(f"Line {number}" for number in range(40))
    assert "… 28 more lines" in shown(
        plan(action(Verb.CREATE, difference("conversationFlow", None, text)))
    )


def test_long_prose_is_shown_whole_on_demand() -> None:
    text = "\n".join(f"Line {number}" for number in range(40))
    other = "\n".join(f"Word {number}" for number in range(200))
    made = plan(
        action(Verb.CREATE, difference("conversationFlow", None, text)),
        action(Verb.UPDATE, difference("flow", text, other), difference("one", None, "x" * 5_000)),
    )
    told = shown(made, full=True)
    assert "  Line 39\n" in told
    assert "+ Word 199\n" in told
    assert "x" * 5_000 in told
    assert "…" not in told


def test_what_is_adopted_is_owned_but_the_calendar_has_no_end() -> None:
    told = "owned from now on: destroy will delete it"
    assert told in shown(plan(action(Verb.ADOPT)))
    calendar = Action(kind=Kind.CALENDAR, verb=Verb.ADOPT, address="calendar", label="primary")
    assert told not in shown(plan(calendar))


def test_on_a_terminal_lines_are_wrapped_between_words() -> None:
    reason = "because " + "it left the manifest and nothing else needs it any more " * 2
    url = "https://example.com/" + "x" * 100
    prose = "Say hello and ask what is wrong. " * 4
    made = plan(
        action(Verb.DELETE, difference("url", None, url), reason=reason),
        action(Verb.CREATE, difference("flow", None, f"{prose}\n{prose}")),
        warnings=(reason,),
    )
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown(made, terminal=True)).splitlines()
    assert max(len(line) for line in lines if url not in line) <= 80
    assert [line for line in lines if url in line]
    whole = shown(made).split()
    assert " ".join(lines).split() == whole


def test_lists_of_objects_stand_line_by_line() -> None:
    spans: JsonValue = [{"openTime": f"0{n}:00", "closeTime": f"0{n}:30"} for n in range(4)]
    lines = shown(plan(action(Verb.CREATE, difference("monday", None, spans)))).splitlines()
    assert sum('"openTime"' in line for line in lines) == 4


@pytest.mark.parametrize(("before", "after"), [(None, HIDDEN), (HIDDEN, None), (HIDDEN, HIDDEN)])
def test_a_secret_is_masked(before: str | None, after: str | None) -> None:
    hidden = Difference(field="token", path="token", before=before, after=after, secret=True)
    text = shown(plan(action(Verb.UPDATE, hidden)))
    assert "token = (sensitive value)" in text
    assert HIDDEN not in text


def test_what_was_changed_outside_stands_first() -> None:
    tone = difference("personality.tone", "friendly", "formal")
    drifted = Drifted(
        address="agents.caller",
        kind=Kind.AGENT,
        drift=Drift.CHANGED,
        label="Caller",
        differences=(tone,),
    )
    lines = shown(plan(action(Verb.UPDATE), drift=(drifted,))).splitlines()
    assert lines[0] == "Changed outside since the last apply:"
    assert '"friendly" -> "formal"' in lines[2]


def test_reasons_and_warnings_are_told_but_not_why_all_is_destroyed() -> None:
    made = plan(action(Verb.DELETE, reason="because it left"), warnings=("it stays connected",))
    assert "will be deleted, because it left\n" in shown(made)
    assert "Warning: it stays connected\n" in shown(made)
    assert "because" not in shown(made, destroying=True)


def test_nothing_reaches_the_terminal_but_text() -> None:
    made = plan(
        action(
            Verb.UPDATE,
            difference(HOSTILE, HOSTILE, f"{HOSTILE}\n{HOSTILE}"),
            difference("list", [HOSTILE], {HOSTILE: HOSTILE * 9}),
            label=HOSTILE,
            id=HOSTILE,
            reason=HOSTILE,
            address=f"agents.{HOSTILE}",
        ),
        warnings=(HOSTILE,),
    )
    text = shown(made)
    assert "evil" in text
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_colours_are_for_terminals_alone() -> None:
    made = plan(action(Verb.CREATE))
    assert "\x1b[" not in shown(made)
    assert "\x1b[32m" in shown(made, terminal=True)


def test_a_line_of_any_length_is_cut() -> None:
    long = difference("conversationFlow", None, "x" * 5_000)
    changed = difference("firstMessage", "y" * 5_000, "z" * 5_000)
    told = shown(plan(action(Verb.UPDATE, long, changed)))
    assert max(len(line) for line in told.splitlines()) < 4_100
    assert told.count("… 1000 more characters") == 3
