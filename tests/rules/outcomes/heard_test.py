"""What is heard in a transcript: the person's words, the machine's, and false friends."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.outcomes import heard
from dialer.rules.outcomes.meaning import Ended, OutcomeMap
from dialer.rules.outcomes.turns import READ, Speaker, clauses, turns_of

with Path(__file__).with_name("heard_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = [(row["heard"], row["said"]) for row in csv.DictReader(file)]
SHIPPED = OutcomeMap.shipped()


def outcome_of(transcript: str) -> str:
    ended = Ended("COMPLETED", "customer-ended-call", 30_000, transcript)
    return SHIPPED.resolve(ended).outcome.name


@pytest.mark.parametrize(("name", "said"), CASES)
def test_what_the_person_says_decides(name: str, said: str) -> None:
    assert outcome_of(f"Agent: Hello, this is about your roof.\nCustomer: {said}") == name
    assert outcome_of(f"AI: Hello.\nUser: {said.upper()}") == name, "in capitals"


@pytest.mark.parametrize("said", [said for name, said in CASES if name != "completed"])
def test_what_the_agent_says_decides_nothing(said: str) -> None:
    assert outcome_of(f"Customer: Hello?\nAgent: {said}\nCustomer: Fine.") == "completed"


@pytest.mark.parametrize(
    "transcript",
    [
        "**User:** stop calling me",
        "[00:12] Customer: stop calling me",
        "AI: Hi. User: Stop calling me. AI: Goodbye.",
        "Agent: Hi.\nCustomer: Well,\nstop calling me.",
        "stop calling me",
        "Dana Reed: stop calling me",
        "Speaker 1: Hello.\nSpeaker 2: Take me off your list.",
        "Cliente: ya no me llamen",
    ],
)
def test_the_ways_transcripts_are_written(transcript: str) -> None:
    assert outcome_of(transcript) == "opted_out"


@pytest.mark.parametrize(
    ("asked", "answer", "name"),
    [
        ("Shall I take you off our list?", "Yes, please.", "opted_out"),
        ("Would you like us to stop calling you?", "Sí.", "opted_out"),
        ("Shall I take you off our list?", "No.", "completed"),
        ("Shall I take you off our list or call tomorrow?", "Yes.", "completed"),
        ("I will take you off our list. Is that your dog?", "Yes.", "completed"),
        ("Shall I take you off our list? No, I mean the next one.", "Yes.", "completed"),
    ],
)
def test_an_offer_that_is_taken_up_counts(asked: str, answer: str, name: str) -> None:
    assert outcome_of(f"Agent: {asked}\nCustomer: {answer}") == name


def test_words_of_a_machine_are_not_the_persons() -> None:
    transcript = "Voicemail: Stop calling me, or leave a message.\nAgent: Hello, goodbye."
    assert outcome_of(transcript) == "voicemail"
    assert not heard.opt_out(turns_of(transcript))


def test_a_person_who_speaks_of_a_mailbox_is_no_machine() -> None:
    talk = "\nAgent: I see.\nCustomer: It is so."
    transcript = f"Customer: My mailbox is full.{talk * 3}"
    assert outcome_of(transcript) == "completed"


def test_only_the_start_and_the_end_of_a_long_transcript_are_read() -> None:
    filling = "Agent: well.\n" * READ
    plea = "Customer: Stop calling me.\n"
    assert outcome_of(plea + filling) == "opted_out"
    assert outcome_of(filling + plea) == "opted_out"
    assert outcome_of(filling + plea + filling) == "completed"


def test_a_line_without_a_speaker_goes_on_with_the_last_one() -> None:
    turns = turns_of("Agent: One.\nTwo.\nCustomer: Three.")
    assert [turn.speaker for turn in turns] == [Speaker.AGENT, Speaker.AGENT, Speaker.PERSON]


def test_clauses_are_compared_without_case_accents_and_fillers() -> None:
    assert list(clauses("Ya no, por favor; DON'T ever\u2019 stop-it Él")) == [
        "no",
        "dont stop it el",
    ]


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=400), name=st.sampled_from(["Customer", "Agent", "X", ""]))
def test_any_text_is_read(text: str, name: str) -> None:
    assert outcome_of(f"{name}: {text}\n{text}")


@pytest.mark.parametrize(
    "unit",
    ["do not want to be ", " ", "my number ", "A b: ", "Customer: ", "quit me mi la por ", "İ'"],
)
def test_hostile_text_is_read_in_bounded_work(unit: str) -> None:
    # An exponential or cubic pattern wouldn't end within the test run's limit.
    for size in (2 * READ, 500_000):
        assert outcome_of(f"Customer: {unit * size}"[:size])
