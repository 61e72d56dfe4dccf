"""The three ways a request can end other than with a value: not sent, refused, unknown.

That a file isn't ready is a fourth, and only waiting for one ends with it.
"""

from pathlib import Path
from typing import Literal

from partner.evidence import Evidence
from partner.models.files import KnowledgeFile

FileCode = Literal[
    "file_empty",
    "file_missing",
    "file_name",
    "file_not_readable",
    "file_not_regular",
    "file_too_large",
    "file_type",
]
NotSentCode = Literal[
    "connect_failed",
    "connect_timeout",
    "dns_failed",
    "file_empty",
    "file_missing",
    "file_name",
    "file_not_readable",
    "file_not_regular",
    "file_too_large",
    "file_type",
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
    "file_changed",
    "list_repeats",
    "list_unsteady",
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


class UnfitFile(NotSent):
    """A file can't be uploaded: it is missing, empty, too large or of an unreadable type.

    Attributes:
        path: Where it lies.
    """

    def __init__(self, code: FileCode, message: str, *, path: Path) -> None:
        super().__init__(code, message)
        self.path = path


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


class FileFailed(PartnerError):  # noqa: N818 - as NotSent
    """The upstream gave up on a file that was waited for; ``code`` is ``file_failed``.

    Attributes:
        file: As it was read last.
    """

    def __init__(self, file: KnowledgeFile) -> None:
        super().__init__("file_failed", f"the upstream could not process the file {file.id}")
        self.file = file


class FileNotReady(PartnerError):  # noqa: N818 - as NotSent
    """A file wasn't ready in time; ``code`` is ``file_not_ready``.

    Attributes:
        file: As it was read last; None where it could not be read at all.
    """

    def __init__(self, message: str, *, file: KnowledgeFile | None) -> None:
        super().__init__("file_not_ready", message)
        self.file = file
