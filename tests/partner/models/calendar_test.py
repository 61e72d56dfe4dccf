"""A calendar's access token is shown by nothing but the request."""

import pickle

import pytest
from pydantic import SecretStr, ValidationError

from partner import ConnectCalendar

TOKEN = "ya29.must-not-leak"


def test_the_token_goes_out_and_nowhere_else() -> None:
    body = ConnectCalendar.model_validate({"accessToken": TOKEN, "calendarId": "primary"})
    assert body.body() == b'{"accessToken":"ya29.must-not-leak","calendarId":"primary"}'
    assert body.secrets == (TOKEN,)
    assert TOKEN not in f"{body!r} {body} {body.model_dump()} {body.model_dump_json()}"
    assert body == ConnectCalendar(access_token=SecretStr(TOKEN), calendar_id="primary")
    assert pickle.loads(pickle.dumps(body)) == body  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    "fields",
    [
        {"accessToken": TOKEN},
        {"accessToken": TOKEN, "calendarId": ""},
        {"accessToken": TOKEN, "calendarId": "primary", "more": 1},
        {"access_token": TOKEN, "calendarId": 5},
        {"accessToken": f"{TOKEN}\n", "calendarId": "primary"},
    ],
)
def test_an_error_shows_no_token(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        ConnectCalendar.model_validate(fields)
    assert TOKEN not in f"{caught.value!r} {caught.value} {caught.value.errors()}"


def test_what_is_no_object_is_no_calendar() -> None:
    with pytest.raises(ValidationError, match="ConnectCalendar"):
        ConnectCalendar.model_validate(TOKEN)


@pytest.mark.parametrize("token", ["", "  ", "two\nlines"])
def test_a_token_is_printable(token: str) -> None:
    with pytest.raises(ValidationError, match="printable and not empty"):
        ConnectCalendar(access_token=SecretStr(token), calendar_id="primary")
