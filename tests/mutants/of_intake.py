"""How leads come in: each is taken once, from whoever may, and none is lost."""

from tests.mutants.guard import Edit, Guard, guard

_MIGRATION = "migrations/versions/0002_leads_and_calls.py"
_SCHEMA = "dialer/store/schema/intake.py"
_INTAKE = "dialer/pipeline/intake/intake.py"
_KEYS = "dialer/pipeline/access/keys.py"

INTAKE: tuple[Guard, ...] = (
    Guard(
        "an_external_id_makes_one_lead",
        "I3: a delivery that is sent again would make a second lead, and a second ring.",
        (
            Edit(
                _MIGRATION,
                '        ["campaign_id", "source_id", "external_id"],\n        unique=True,',
                '        ["campaign_id", "source_id", "external_id"],\n        unique=False,',
            ),
        ),
        (
            (
                "pipeline/intake/intake_test.py::"
                "test_the_same_external_id_with_another_number_is_answered_as_the_first_time"
            ),
        ),
    ),
    Guard(
        "a_number_is_once_in_a_campaign",
        "A person who is in two files would be called for each of them.",
        (
            Edit(
                _MIGRATION,
                '        ["campaign_id", "number_key"],\n        unique=True,',
                '        ["campaign_id", "number_key"],\n        unique=False,',
            ),
        ),
        ("pipeline/intake/intake_test.py::test_fifty_posts_of_one_number_at_once_make_one_lead",),
    ),
    guard(
        "an_idempotency_key_is_taken_once",
        "I3: a request that is sent again would be done again.",
        (
            "migrations/versions/0001_campaign_time_and_plans.py",
            '"organization_id", "scope", "key", name=op.f("pk_idempotency_keys")',
            '"organization_id", "scope", "key", "created_at", name=op.f("pk_idempotency_keys")',
        ),
        "pipeline/intake/intake_test.py::"
        "test_fifty_posts_of_one_idempotency_key_at_once_are_answered_alike",
    ),
    guard(
        "an_idempotency_key_is_bound_to_its_request",
        "Another request with the same key would be answered without being done: leads lost.",
        (
            _INTAKE,
            '    if was["request_digest"] != digest:\n',
            '    if was["request_digest"] == b"":\n',
        ),
        "pipeline/intake/intake_test.py::test_a_key_is_bound_to_its_request",
    ),
    guard(
        "a_finished_campaign_takes_no_lead",
        "I3: a lead could be accepted that nobody will ever call.",
        (
            _INTAKE,
            '    if campaign["state"] not in ACCEPTING:\n',
            '    if campaign["state"] is None:\n',
        ),
        "pipeline/intake/intake_test.py::test_a_finished_campaign_and_a_strangers_take_nothing",
    ),
    guard(
        "a_campaign_cannot_end_while_leads_come_in",
        "I3: a lead could slip into a campaign that has just been closed.",
        (
            "dialer/store/planning/campaigns.py",
            "WHERE id = :id AND organization_id = :org FOR SHARE",
            "WHERE id = :id AND organization_id = :org",
        ),
        "pipeline/intake/intake_test.py::test_no_command_ends_a_campaign_whose_intake_is_under_way",
    ),
    guard(
        "a_key_is_compared_whole",
        "I10: who knows a key's public part could post leads and read everything.",
        (
            _KEYS,
            "if not hmac.compare_digest(kept, _digest(presented)) or row is None:",
            "if row is None:",
        ),
        "pipeline/access/keys_test.py::test_every_wrong_key_is_refused_in_the_same_words",
    ),
    guard(
        "a_form_of_the_page_carries_its_seal",
        "Another site's form could pause a campaign in the name of who is logged in.",
        (
            "service/pages/session.py",
            "return hmac.compare_digest(csrf_token(secret_key, cookie).encode(), given.encode())",
            "return bool(given)",
        ),
        "service/pages/session_test.py::test_a_forms_token_belongs_to_its_session",
    ),
)
