"""Tools from the command line: those of a business, and the templates that they are made from."""

from tests.outdial.upstream.beside import Beside


def test_tools_of_a_business(beside: Beside) -> None:
    found = beside.json("tools", "list", "--business", "biz_demo")
    told = beside.done("tools", "list", "--business", "biz_demo")
    assert found
    assert all(tool["id"] in told for tool in found)


def test_templates_with_their_schemas(beside: Beside) -> None:
    found = beside.json("tools", "templates")
    assert {"transferCall", "googleCal"} <= {template["name"] for template in found}
    assert all("configSchema" in template for template in found)
    assert "transferCall" in beside.done("tools", "templates")


def test_a_business_has_to_be_named(beside: Beside) -> None:
    assert beside.refused("tools", "list", code=2)["code"] == "business_missing"
