"""The three ways a request can end other than with a value: not sent, refused, unknown."""

from typing import Literal

from partner.evidence import Evidence

NotSentCode = Literal[
    "connect_failed",
    "connect_timeout",
    "dns_failed",
    "invalid_request",
    "pool_timeout",
    "timeout_before_send",
    "tls_failed",
    "token_unavailable",
]
RefusedCode = Literal[
    "bad_request",
    "forbidden",
    "not_found",
    "rate_limited",
    "rejected",
    "token_refused",
    "unauthorized",
]
UnknownCode = Literal[
    "body_too_large",
    "conflict",
    "connection_lost",
    "no_call_id",
    "not_successful",
    "server_error",
    "timeout",
    "unexpected_status",
    "unreadable_body",
]


class PartnerError(Exception):
    """The Partner API didn't answer with a value.

    Attributes:
        code: A stable name of the cause; ``docs/partner-client.md`` lists them all.
        message: One sentence for a person. Never contains credentials.
        evidence: What came back, where anything was sent.
    """

    code: str

    def __init__(self, code: str, message: str, *, evidence: Evidence | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.evidence = evidence


class NotSent(PartnerError):  # noqa: N818 - the protocol's word for it
    """Nothing of the request left this machine."""

    def __init__(
        self, code: NotSentCode, message: str, *, evidence: Evidence | None = None
    ) -> None:
        super().__init__(code, message, evidence=evidence)


class Refused(PartnerError):  # noqa: N818 - the protocol's word for it
    """The upstream answered that it did not act: proof that no phone rang.

    Attributes:
        status: The HTTP status of the refusal; 401 for ``token_refused``, whatever the token
            endpoint's own was (``evidence.status`` has it).
        partner_message: The upstream's own words, or None where none could be read.
        retry_after: Seconds that the upstream asks us to wait, unclamped, or None.
        scope: For a 403, the scope that the endpoint needs, as far as the guide names one.
    """

    def __init__(
        self,
        code: RefusedCode,
        message: str,
        *,
        evidence: Evidence,
        status: int,
        partner_message: str | None = None,
        retry_after: float | None = None,
        scope: str | None = None,
    ) -> None:
        super().__init__(code, message, evidence=evidence)
        self.status = status
        self.partner_message = partner_message
        self.retry_after = retry_after
        self.scope = scope


class Unknown(PartnerError):  # noqa: N818 - the protocol's word for it
    """The upstream may have acted: ask what happened, never send it again.

    Attributes:
        call_id: The id of the call, where one could be read from a broken or odd answer.
        hint: ``"conflict"`` after a 409, which says that the call probably exists; else None.
    """

    def __init__(
        self,
        code: UnknownCode,
        message: str,
        *,
        evidence: Evidence | None = None,
        call_id: str | None = None,
        hint: Literal["conflict"] | None = None,
    ) -> None:
        super().__init__(code, message, evidence=evidence)
        self.call_id = call_id
        self.hint = hint
