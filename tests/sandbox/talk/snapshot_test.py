"""A version of an agent holds what conversations need, cleaned, and changes when that does."""

from sandbox.model.tools import Tool
from tests.sandbox.talk.stage import Stage


def test_a_version_is_taken_once_until_something_that_it_uses_changes() -> None:
    stage = Stage()
    tool_id = stage.transfer("Sales")
    stage.change(tool_ids=(tool_id,))
    first = stage.sandbox.briefs.take(stage.agent)
    assert stage.sandbox.briefs.take(stage.agent) is first
    stage.transfer("Sales", warm=True)
    second = stage.sandbox.briefs.take(stage.agent)
    assert [target.warm for target in first.destinations] == [False]
    assert [target.warm for target in second.destinations] == [True]
    assert first.digest != second.digest


def test_a_change_that_no_conversation_shows_makes_no_new_version() -> None:
    stage = Stage()
    first = stage.sandbox.briefs.take(stage.agent)
    stage.change(background_sound="office")
    assert stage.sandbox.briefs.take(stage.agent).digest == first.digest


def test_a_tool_that_is_switched_off_is_not_used() -> None:
    stage = Stage()
    tool_id = stage.calendar()
    stage.change(tool_ids=(tool_id,))
    assert stage.sandbox.briefs.take(stage.agent).calendar is not None
    tool = stage.world.find(Tool, tool_id)
    assert tool is not None
    stage.world.put(tool.model_copy(update={"enabled": False}))
    assert stage.sandbox.briefs.take(stage.agent).calendar is None


def test_documents_are_kept_as_few_short_sentences() -> None:
    stage = Stage()
    text = "This sentence is long enough to be quoted. " * 10_000
    stage.change(knowledge_base_document_ids=(stage.file(text), stage.file("Short.")))
    long, short = stage.sandbox.briefs.take(stage.agent).documents
    assert len(long.sentences) == 20
    assert short.sentences == ("Short.",)
