"""What connects a business to a Google Calendar, and what is kept of it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from partner.models.base import Body, Listed, Text


class CalendarIntegration(Listed):
    """The calendar that a business shares with the platform.

    Attributes:
        id: Of the integration, not of the calendar.
        calendar_id: The calendar, ``primary`` or an id of Google's.
        acl_rule_id: The rule by which Google shares it with the platform's service account.
    """

    calendar_id: str | None = None
    acl_rule_id: str | None = None


class ConnectCalendar(Body):
    """The body that shares a calendar; creates the integration or replaces it.

    Attributes:
        access_token: A Google OAuth access token with the scope
            ``https://www.googleapis.com/auth/calendar``. Shown nowhere but in the request.
        calendar_id: ``primary``, or the id of one calendar.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: SecretStr
    calendar_id: Annotated[Text, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _is_veiled(cls, given: Any) -> Any:  # noqa: ANN401 - whatever a caller passes
        """Wrap the token before anything can go wrong: errors carry what they were given."""
        if not isinstance(given, dict):
            return given
        return {
            name: SecretStr(value)
            if name in {"access_token", "accessToken"} and isinstance(value, str)
            else value
            for name, value in given.items()
        }

    @field_validator("access_token")
    @classmethod
    def _is_usable(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if not text.strip() or not text.isprintable():
            raise ValueError("an access token is printable and not empty")
        return token

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not show up in evidence or in messages."""
        return (self.access_token.get_secret_value(),)
