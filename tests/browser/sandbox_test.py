"""The sandbox's page in a real browser: it rings, talks and is turned, live and by keyboard."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.sandbox import CONTROL_KEY, SandboxProcess

CALL = "/businesses/biz_demo/voice-agents/agent_demo/call"
PHONE = "+12125550123"
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><b>Ann</b>"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(clock_speed=20.0) as process:
        yield process


async def _signed_in(chromium: Browser, *, script: bool = True) -> BrowserContext:
    return await chromium.new_context(
        http_credentials={"username": "anyone", "password": CONTROL_KEY},
        viewport={"width": 360, "height": 740},
        reduced_motion="reduce",
        java_script_enabled=script,
    )


@pytest_asyncio.fixture
async def page(chromium: Browser, sandbox: SandboxProcess) -> AsyncIterator[Page]:
    sandbox.clear_faults()
    sandbox.set_outcomes({"answered_interested": 1})
    context = await _signed_in(chromium)
    opened = await context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    await opened.goto(f"{sandbox.url}/sandbox/")
    yield opened
    assert await opened.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()
    assert said == []


def _place(sandbox: SandboxProcess, phone: str = PHONE, **fields: str) -> httpx2.Response:
    return httpx2.post(
        sandbox.base_url + CALL,
        json={"phoneNumber": phone, **fields},
        headers={"Authorization": "Bearer sandbox-key"},
        trust_env=False,
    )


@pytest.mark.asyncio
async def test_a_phone_rings_is_talked_on_and_leaves_a_result(
    sandbox: SandboxProcess, page: Page
) -> None:
    call_id = _place(sandbox, "+12125550141", name="Dana Whitfield").json()["callId"]
    ringing = page.locator("#phones .phone", has_text="+12125550141")
    await expect(ringing).to_be_visible()
    await expect(page).to_have_title("(1 ringing) Partner API sandbox")
    lines = page.locator(f"#talk-{call_id} .transcript li")
    await expect(lines.first).to_be_visible(timeout=15_000)
    before = await lines.count()
    await expect(lines.nth(before)).to_be_visible(timeout=15_000)
    result = page.locator(f"#result-{call_id}")
    await expect(result).to_contain_text("answered interested", timeout=20_000)
    await result.locator("summary").click()
    await expect(result).to_contain_text("Structured data")
    await expect(page.locator("#phones .phone")).to_have_count(0, timeout=10_000)
    await expect(result.locator(".transcript")).to_be_visible()


@pytest.mark.asyncio
async def test_a_fault_is_switched_with_the_keyboard_and_its_hit_is_shown(
    sandbox: SandboxProcess, page: Page
) -> None:
    fault = page.locator("#fault-fail_after_ring")
    switch = fault.get_by_role("switch", name="fail after ring")
    await expect(switch).to_have_attribute("aria-checked", "false")
    await fault.locator("details summary").click()
    await fault.get_by_label("How many times").fill("1")
    await fault.get_by_label("Status").fill("503")
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(switch).to_have_attribute("aria-checked", "true")
    await expect(switch).to_be_focused()
    await expect(page.get_by_role("status")).to_have_text("fail after ring is on")
    await expect(fault.get_by_label("How many times")).to_have_value("1")

    assert _place(sandbox).status_code == 503
    await expect(fault).to_contain_text("1 hit, spent")
    await expect(switch).to_have_attribute("aria-checked", "false")
    assert _place(sandbox).status_code == 200


@pytest.mark.asyncio
async def test_a_refused_setting_is_told(sandbox: SandboxProcess, chromium: Browser) -> None:
    sandbox.clear_faults()
    context = await _signed_in(chromium)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/sandbox/")
    fault = page.locator("#fault-garbled")
    await fault.locator("details summary").click()
    await fault.get_by_label("Only this number").fill("555")
    await fault.get_by_role("switch").click()
    await expect(page.get_by_role("status")).to_contain_text("Refused: phone")
    assert sandbox.faults() == []
    await context.close()


@pytest.mark.asyncio
async def test_typing_is_not_disturbed_by_what_happens(
    sandbox: SandboxProcess, page: Page
) -> None:
    busy = page.get_by_label("busy", exact=True)
    await busy.fill("7")
    agent = page.get_by_role("switch", name="Reception on duty")
    await expect(agent).to_have_attribute("aria-checked", "true")
    sandbox.set_agent("agent_inbound", on_duty=False)
    await expect(agent).to_have_attribute("aria-checked", "false")
    await expect(busy).to_have_value("7")
    await expect(busy).to_be_focused()
    await agent.click()
    await expect(agent).to_have_attribute("aria-checked", "true")
    await page.get_by_role("button", name="Set for calls to come").click()
    await expect(page.get_by_role("status")).to_have_text("The outcomes are set")
    await expect(busy).to_have_value("6.54")


@pytest.mark.asyncio
async def test_hostile_text_is_shown_as_text(sandbox: SandboxProcess, page: Page) -> None:
    _place(sandbox, "+12125550142", name=HOSTILE, context=HOSTILE)
    await expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert "taken" not in await page.title()
    assert await page.locator("#live img, #live b").count() == 0


@pytest.mark.asyncio
async def test_a_paused_page_stands_still(sandbox: SandboxProcess, page: Page) -> None:
    pause = page.get_by_role("button", name="Pause")
    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    _place(sandbox, "+12125550143")
    async with page.expect_response("**/sandbox/live"):
        await pause.click()
    await expect(page.locator("body")).to_contain_text("+12125550143")


@pytest.mark.asyncio
async def test_a_restarted_sandbox_is_found_again(chromium: Browser) -> None:
    with SandboxProcess() as process:
        context = await _signed_in(chromium)
        page = await context.new_page()
        await page.goto(f"{process.url}/sandbox/")
        process.stop()
        await expect(page.get_by_role("alert")).to_be_visible()
        process.start()
        await expect(page.get_by_role("alert")).to_be_hidden(timeout=30_000)
        await page.get_by_role("switch", name="garbled").click()
        await expect(page.get_by_role("status")).to_have_text("garbled is on")
        assert [fault["name"] for fault in process.faults()] == ["garbled"]
        await context.close()


@pytest.mark.asyncio
async def test_without_script_it_is_read_and_turned_all_the_same(
    chromium: Browser, sandbox: SandboxProcess
) -> None:
    sandbox.clear_faults()
    context = await _signed_in(chromium, script=False)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/sandbox/")
    await page.locator("#fault-garbled").get_by_role("switch").click()
    await expect(page.locator("#fault-garbled")).to_contain_text("until switched off")
    assert [fault["name"] for fault in sandbox.faults()] == ["garbled"]
    _place(sandbox, "+12125550144")
    await expect(page.locator("body")).to_contain_text("+12125550144", timeout=15_000)
    await context.close()


@pytest.mark.asyncio
async def test_a_foreign_page_turns_nothing(chromium: Browser, sandbox: SandboxProcess) -> None:
    sandbox.clear_faults()
    context = await _signed_in(chromium)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/sandbox/")
    token = await page.locator("input[name=token]").first.get_attribute("value")
    form = (
        f'<form method="post" action="{sandbox.url}/sandbox/page/faults/slow">'
        f'<input name="on" value="true"><input name="token" value="{token}">'
        "<button>x</button></form>"
    )
    await page.route(
        "http://foreign.example.com/",
        lambda route: route.fulfill(body=form, content_type="text/html"),
    )
    await page.goto("http://foreign.example.com/")
    async with page.expect_response(f"{sandbox.url}/**") as answered:
        await page.get_by_role("button").click()
    assert (await answered.value).status in {401, 403}
    assert sandbox.faults() == []
    await context.close()
