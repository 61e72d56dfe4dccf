"""Hostile text anywhere: never a 5xx, never kept unclean, never an unparsable answer."""

import json
from typing import Any

import httpx2
import pytest

from tests.service.tenants import Tenant, fresh_phone

pytestmark = pytest.mark.asyncio

JSON = {"content-type": "application/json"}
NASTY = [
    "\x00",
    "a\x00b",
    "\ud800",
    "😀\u202e\u200f\u0000",
    "' OR 1=1; DROP TABLE leads; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "${jndi:ldap://example.com}",
    "\r\nX-Injected: yes",
    "%00%0d%0a",
    "../../../../etc/passwd",
    "a" * 100_000,
    "\u0130" * 300,
    "9" * 400,
]
_FIELDS = (
    *("phone", "name", "external_id", "email", "partner_lead_id", "context"),
    *("additional_info", "timezone", "postal_code", "state", "not_before", "expires_at"),
)


def _sound(answer: httpx2.Response) -> Any:  # noqa: ANN401 -- JSON
    assert answer.status_code < 500, answer.text[:500]
    assert "x-injected" not in answer.headers
    return json.loads(answer.content)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
async def test_nasty_text_in_every_field_of_a_lead(tenant: Tenant, nasty: str) -> None:
    rows: list[dict[str, object]] = [{"phone": fresh_phone(), f: nasty} for f in _FIELDS]
    rows += [
        {"phone": fresh_phone(), "attributes": {nasty: nasty}},
        {"phone": fresh_phone(), "image_urls": [nasty]},
        {"phone": fresh_phone(), "consent": {"given": True, "text": nasty}},
        {"phone": fresh_phone(), nasty: 1},
    ]
    body = json.dumps({"campaign_id": tenant.campaign_id, "leads": rows}).encode()
    answer = await tenant.call("POST", "/v1/leads/bulk", content=body, headers=JSON)
    if answer.status_code != 413:
        shown = _sound(answer)
        assert len(shown["rows"]) == len(rows)
    leads = await tenant.get("/v1/leads", limit=200)
    assert "\\u0000" not in json.dumps(leads)
    for row in rows:
        one = json.dumps({"campaign_id": tenant.campaign_id, **row}).encode()
        _sound(await tenant.call("POST", "/v1/leads", content=one, headers=JSON))


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
async def test_nasty_text_everywhere_else(tenant: Tenant, nasty: str) -> None:
    source = await tenant.source()
    for method, path, body in (
        ("PATCH", f"/v1/campaigns/{tenant.campaign_id}", {"name": nasty}),
        ("PATCH", f"/v1/campaigns/{tenant.campaign_id}", {"context_template": nasty}),
        ("PATCH", f"/v1/campaigns/{tenant.campaign_id}", {"hours": {nasty: [[nasty, nasty]]}}),
        ("PATCH", f"/v1/campaigns/{tenant.campaign_id}", {"cadence": {"delays": {nasty: [1]}}}),
        ("POST", "/v1/sources", {"name": nasty, "campaign_id": tenant.campaign_id}),
        ("PATCH", f"/v1/sources/{source['source']['id']}", {"field_map": {nasty: nasty}}),
        ("PATCH", f"/v1/sources/{source['source']['id']}", {"field_map": {"phone": nasty}}),
        ("POST", "/v1/keys", {"name": nasty, "scopes": ["leads:read"]}),
        ("POST", "/v1/keys", {"name": "x", "scopes": [nasty]}),
        ("POST", "/v1/suppressions", {"phone": nasty, "reason": nasty}),
        ("PUT", "/v1/partner", {"base_url": "https://example.com/" + nasty, "api_key": nasty}),
        ("POST", "/v1/hooks/crm", {nasty: nasty, "phone": nasty, "name": [nasty]}),
    ):
        sent = json.dumps(body).encode()
        _sound(await tenant.call(method, path, content=sent, headers=JSON))
    text = nasty.encode("utf-8", "replace").decode()[:2_000]
    for path in ("leads", "calls", "suppressions", "deliveries", "events"):
        for name in ("phone", "external_id", "outcome", "cursor", "state", "campaign_id", "after"):
            _sound(await tenant.call("GET", f"/v1/{path}", params={name: text}))
    for path in ("leads", "hooks", "campaigns"):
        _sound(await tenant.call("GET", f"/v1/{path}/%00x"))


@pytest.mark.parametrize(
    "body",
    [
        b'{"campaign_id": 1e400}',
        b'{"leads": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"phone": "\\ud800"}',
        b'{"phone": "\xff"}',
        b"\x00",
        b'{"phone": "1"}{"phone": "2"}',
        b'{"": "", "": ""}',
    ],
)
async def test_nasty_json(tenant: Tenant, body: bytes) -> None:
    for path in ("/v1/leads", "/v1/leads/bulk", "/v1/campaigns", "/v1/hooks/nope"):
        assert _sound(await tenant.call("POST", path, content=body, headers=JSON))["code"]


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e99", "-1", "NaN"]
)
async def test_instants_at_the_ends_of_time(tenant: Tenant, instant: str) -> None:
    for field in ("not_before", "expires_at"):
        body = {"campaign_id": tenant.campaign_id, "phone": fresh_phone(), field: instant}
        _sound(await tenant.post("/v1/leads", body))
        rows = {"campaign_id": tenant.campaign_id, "leads": [{"phone": "911"}, body]}
        _sound(await tenant.post("/v1/leads/bulk", rows))


async def test_nasty_deliveries_are_shown_as_text(tenant: Tenant) -> None:
    source = await tenant.source()
    body = b"phone=%00%ff%fe&name=" + b"\x00\xff" * 50_000
    sent = await tenant.api.post(
        source["hook"],
        content=body,
        headers={
            b"X-API-Key": source["key"].encode(),
            b"content-type": b"application/x-www-form-urlencoded; charset=\xff\x00",
        },
    )
    shown = await tenant.get(f"/v1/deliveries/{_sound(sent)['delivery_id']}")
    assert (shown["truncated"], shown["size"]) == (True, len(body))
    assert "\x00" not in shown["body"]
