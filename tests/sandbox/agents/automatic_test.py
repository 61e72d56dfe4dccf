"""The tools that the platform adds by itself, and how they follow an agent's changes."""

from tests.sandbox.desk import Desk, refused


def test_end_call_is_always_added(desk: Desk) -> None:
    made = desk.made()
    assert desk.types(made) == ["endCall"]
    tool = desk.tools()[made["toolIds"][0]]
    assert tool["templateToolId"] == "template-endcall-001"


def test_automatic_tools_stand_after_the_chosen_ones(office: Desk) -> None:
    chosen = office.tool("template-endcall-001")
    made = office.made(toolIds=[chosen], knowledgeBaseDocumentIds=[office.ready_file()])
    assert made["toolIds"][0] == chosen
    expected = ["endCall", "knowledgeBaseQuery", "endCall", "transferCall"]
    assert office.types(made) == expected


def test_a_default_transfer_needs_a_phone_and_no_transfer_of_ones_own(
    office: Desk, desk: Desk
) -> None:
    assert office.types(office.made()) == ["endCall", "transferCall"]
    own = office.made(toolIds=[office.tool()])
    assert office.types(own) == ["transferCall", "endCall"]
    assert "transferCall" not in desk.types(desk.made())


def test_automatic_tools_can_be_neither_changed_nor_deleted(office: Desk) -> None:
    for tool in office.made()["toolIds"]:
        path = f"/businesses/{office.business}/tools/{tool}"
        assert refused(office.api.patch(path, json={"configOverride": {}}))
        assert refused(office.api.delete(path))


def test_automatic_tools_follow_a_change(office: Desk) -> None:
    made = office.made()
    end, transfer = made["toolIds"]
    own, file = office.tool(), office.ready_file()
    changed = office.patched(made, toolIds=[own], knowledgeBaseDocumentIds=[file])
    assert office.types(changed) == ["transferCall", "knowledgeBaseQuery", "endCall"]
    assert changed["toolIds"][0] == own
    assert changed["toolIds"][2] == end
    assert transfer not in office.tools()
    back = office.patched(made, toolIds=[], knowledgeBaseDocumentIds=[])
    assert office.types(back) == ["endCall", "transferCall"]
    assert changed["toolIds"][1] not in office.tools()


def test_the_knowledge_base_tool_follows_its_documents(desk: Desk) -> None:
    first, second = desk.ready_file(), desk.ready_file()
    made = desk.made(knowledgeBaseDocumentIds=[first])
    tool = made["toolIds"][0]
    changed = desk.patched(made, knowledgeBaseDocumentIds=[second])
    assert changed["toolIds"] == made["toolIds"]
    override = desk.tools()[tool]["configOverride"]
    assert override == {"knowledgeBaseDocumentIds": [second]}


def test_an_agents_own_automatic_tools_may_be_sent_back(office: Desk) -> None:
    made = office.made(toolIds=[office.tool()])
    assert office.patched(made, toolIds=made["toolIds"])["toolIds"] == made["toolIds"]
