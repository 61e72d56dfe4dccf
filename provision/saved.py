"""Keeps a plan in a file, so that what one person read is what another applies."""

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from provision.errors import ProvisionError
from provision.plan import Approval, Plan
from provision.private_files import write_new

PLAN_BYTES: Final = 16 * 1024 * 1024
"""The largest plan file that is read, in bytes."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PlanUnusableError(ProvisionError):
    """A plan file can't be read or written, or is not one."""

    code = "plan_unusable"


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["outdial-agents-plan"] = "outdial-agents-plan"
    revision: Literal[1] = 1
    base_url: Annotated[str, Field(max_length=2_000)]
    business: Annotated[str, Field(max_length=200)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    manifest_digest: _Digest
    state_serial: Annotated[int, Field(ge=0, lt=2**53)]
    upstream_digest: _Digest
    reconnect_calendar: bool = False
    plan: dict[str, JsonValue]


def write_plan(path: Path, plan: Plan) -> None:
    """Keep a plan in a file of mode 0600; it holds no secret.

    Raises:
        PlanUnusableError: There is something of that name already, or it can't be written.
    """
    approval = plan.approval
    saved = _Saved(
        base_url=approval.base_url,
        business=approval.business,
        salt=approval.salt,
        manifest_digest=approval.manifest_digest,
        state_serial=approval.state_serial,
        upstream_digest=approval.upstream_digest,
        reconnect_calendar=approval.reconnect_calendar,
        plan=plan.as_json(),
    )
    text = json.dumps(saved.model_dump(mode="json"), indent=1) + "\n"
    try:
        write_new(path, text)
    except FileExistsError as error:
        message = f"{path} exists already: give the plan another name, or take the old one away"
        raise PlanUnusableError(message) from error
    except OSError as error:
        raise PlanUnusableError(f"{path} can't be written: {error.strerror}") from error


def read_plan(path: Path) -> tuple[Approval, dict[str, JsonValue]]:
    """What was agreed to, and the plan as JSON, for people.

    Raises:
        PlanUnusableError: It can't be read, is too large, or is no plan.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(PLAN_BYTES + 1)
    except OSError as error:
        raise PlanUnusableError(f"{path} can't be read: {error.strerror}") from error
    if len(raw) > PLAN_BYTES:
        raise PlanUnusableError(f"{path} is larger than {PLAN_BYTES} bytes: not a plan")
    try:
        saved = _Saved.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        message = f"{path} is not a plan of this program ({where}: {first['msg']})"
        raise PlanUnusableError(message) from error
    agreed = saved.model_dump(exclude={"format", "revision", "plan"})
    approval = Approval(**agreed, shown=saved.plan)
    return approval, saved.plan
