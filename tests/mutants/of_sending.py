"""From the first byte to the record: sent once, in time, and no answer lost."""

from tests.mutants.guard import Edit, Guard, guard

_PLACE = "dialer/pipeline/dialing/place.py"
_CHANNEL = "partner/channel.py"

SENDING: tuple[Guard, ...] = (
    guard(
        "the_monotonic_clock_is_looked_at",
        "I7: a process that stood still could send what was allowed long ago.",
        (
            "dialer/rules/arm.py",
            "max(now.monotonic - began.monotonic, abs(now.wall - began.wall)) > ARM_SECONDS",
            "abs(now.wall - began.wall) > ARM_SECONDS",
        ),
        "rules/arm_test.py::test_a_process_that_stood_shows_on_the_monotonic_clock_alone",
    ),
    guard(
        "the_wall_clock_is_looked_at",
        "I7: a machine that slept could send what was allowed long ago.",
        (
            "dialer/rules/arm.py",
            "max(now.monotonic - began.monotonic, abs(now.wall - began.wall)) > ARM_SECONDS",
            "now.monotonic - began.monotonic > ARM_SECONDS",
        ),
        "rules/arm_test.py::test_a_machine_that_slept_shows_on_the_wall_clock_alone",
    ),
    guard(
        "a_clock_set_back_counts_too",
        "I7: a wall clock that was set back hides how long the machine slept.",
        ("dialer/rules/arm.py", "abs(now.wall - began.wall)", "(now.wall - began.wall)"),
        "rules/arm_test.py::test_a_wall_clock_set_back_is_no_better_than_one_set_forward",
    ),
    guard(
        "an_arm_that_took_too_long_sends_nothing",
        "I7, I6: what the gates said would be believed however old it is.",
        (
            _PLACE,
            "        if late is not None:\n",
            "        if late is not None and not late:\n",
        ),
        "pipeline/dialing/place_test.py::test_an_arm_that_took_too_long_sends_nothing",
    ),
    guard(
        "a_closed_gate_sends_nothing",
        "I7: the gates would be asked and not heard.",
        (
            _PLACE,
            "        if closed is not None:\n            raise",
            "        if closed is not None and not closed:\n            raise",
        ),
        "pipeline/dialing/place_test.py::test_a_gate_that_closed_since_the_claim_sends_nothing",
    ),
    guard(
        "only_who_moved_the_row_sends",
        "I1: of two that arm at once both would send.",
        (
            _PLACE,
            '    if armed is None:\n        return "not_ours"\n',
            "    if armed is None:\n        return None\n",
        ),
        "pipeline/dialing/place_test.py::test_of_many_runs_of_one_call_at_once_one_rings",
        equivalent="The gate before it locks the row and reads the same state and fence, so that "
        "the move after it can't miss: it is the second of two locks on one door.",
    ),
    guard(
        "a_call_is_sent_once",
        "I1: an answer that proves nothing would be a reason to ring again.",
        (
            "partner/calls.py",
            """        except Unknown as error:
            error.call_id = spot_call_id(error.evidence)
            raise
""",
            """        except Unknown:
            again = await self._channel.ring(
                endpoint, body=request.body(), request_id=request_id, before_send=None
            )
            return _read_placed(again, request)
""",
        ),
        "partner/calls_test.py::"
        "test_every_other_answer_is_refused_or_unknown_and_never_sent_again",
    ),
    guard(
        "a_401_is_not_sent_again",
        "I1: the client would repeat a call by itself, past the arm.",
        (
            _CHANNEL,
            """                self._tokens.invalidate(token)
            raise
        return answer
""",
            """                self._tokens.invalidate(token)
                return await self.write(endpoint, body)
            raise
        return answer
""",
        ),
        "partner/calls_test.py::test_a_401_drops_the_token_and_does_nothing_more",
    ),
    guard(
        "no_redirect_is_followed",
        "I1: a 307 would post the call again, wherever it points.",
        (
            "partner/transport.py",
            "        await self._receive(await transport.handle_async_request(request))\n",
            """        response = await transport.handle_async_request(request)
        if response.is_redirect:
            await response.aread()
            there = request.url.join(response.headers["location"])
            again = httpx2.Request(
                request.method, there, headers=dict(outgoing.headers), content=content
            )
            response = await transport.handle_async_request(again)
        await self._receive(response)
""",
        ),
        "partner/calls_test.py::"
        "test_every_other_answer_is_refused_or_unknown_and_never_sent_again",
    ),
    guard(
        "the_gate_is_asked_before_the_first_byte",
        "I4: a call could leave before it was armed.",
        (
            "partner/transport.py",
            '_FIRST_BYTE: Final = "http11.send_request_headers.started"',
            '_FIRST_BYTE: Final = "http11.send_request_body.complete"',
        ),
        "partner/transport_test.py::"
        "test_before_send_is_awaited_once_when_connected_and_before_the_first_byte",
    ),
    guard(
        "a_gate_that_outstays_the_deadline_sends_nothing",
        "I7: an arm that swallows its cancellation could still send.",
        (
            "partner/transport.py",
            "            if deadline.expired():\n",
            "            if deadline.expired() and not self._began:\n",
        ),
        "partner/transport_test.py::test_a_gate_that_outstays_the_deadline_sends_nothing",
    ),
    Guard(
        "a_call_has_a_connection_of_its_own",
        "A kept connection that dies as the request is written makes a healthy call unknown.",
        (
            Edit(
                _CHANNEL,
                'headers = {"Connection": "close", "Content-Type": "application/json"}',
                'headers = {"Content-Type": "application/json"}',
            ),
            Edit("partner/client.py", "keep=keep,", "keep=True,"),
        ),
        (
            (
                "partner/transport_test.py::"
                "test_each_call_has_a_connection_of_its_own_though_the_server_would_keep_it"
            ),
        ),
    ),
    guard(
        "success_is_200_alone",
        "I5: a 202 would pass for a call that was placed.",
        (
            _CHANNEL,
            "require_success(answer, successes=_OK, refusals=CALL_REFUSALS",
            "require_success(answer, successes=_DONE, refusals=CALL_REFUSALS",
        ),
        "partner/calls_test.py::"
        "test_every_other_answer_is_refused_or_unknown_and_never_sent_again",
    ),
    guard(
        "a_409_refuses_nothing",
        "I8: a conflict hints that the call exists; its lead would be called again.",
        (
            "partner/reading.py",
            "CALL_REFUSALS: Final = frozenset({400, 401, 403, 404, 429})",
            "CALL_REFUSALS: Final = frozenset({400, 401, 403, 404, 409, 429})",
        ),
        "partner/calls_test.py::"
        "test_every_other_answer_is_refused_or_unknown_and_never_sent_again",
    ),
    guard(
        "an_answer_that_rang_is_disbelieved",
        "I8: an answer that once refused a call which rang would be believed again.",
        (
            "dialer/pipeline/reconciling/refusals.py",
            'return replace(answer, kind="unknown") if disbelieved else answer',
            "return answer",
        ),
        "pipeline/reconciling/refusals_test.py::"
        "test_a_refusal_that_rang_is_the_call_that_it_was_and_is_never_believed_again",
    ),
    guard(
        "an_answer_is_recorded_again_and_again",
        "I5: an answer that met a database in trouble would be lost.",
        (_PLACE, "_RECORD_TRIES = 60", "_RECORD_TRIES = 1"),
        "pipeline/dialing/place_test.py::test_an_answer_outlasts_a_database_in_trouble",
    ),
    guard(
        "a_taken_id_leaves_the_call_unknown",
        "I5: an answer that names another's call would be lost with its record.",
        (
            _PLACE,
            "        except IntegrityError:\n            # Another",
            "        except ZeroDivisionError:\n            # Another",
        ),
        "pipeline/intake/hostile_interleavings_test.py::test_a_conflict_that_names_a_known_call_is_kept",
    ),
    guard(
        "calls_under_way_are_waited_for",
        "I5: a worker told to stop would throw away the answers of its calls.",
        (
            "workers/lanes.py",
            "            await asyncio.wait(self._flying.values(), timeout=seconds)\n",
            "            await asyncio.wait(self._flying.values(), timeout=seconds * 0)\n",
        ),
        "workers/process_test.py::test_sigterm_lets_calls_under_way_finish",
    ),
    guard(
        "a_silent_dial_becomes_unknown",
        "I3: a call whose sender died would be dialing for ever.",
        (
            "dialer/pipeline/settling/tidy.py",
            "    await _dials(context)\n",
            "",
        ),
        "pipeline/settling/tidy_test.py::"
        "test_an_armed_call_without_an_answer_becomes_unknown_and_stays_unclosed",
    ),
    guard(
        "a_dial_is_silent_after_a_minute",
        "A call whose answer is still awaited would be doubted.",
        (
            "dialer/pipeline/settling/tidy.py",
            "SILENT_SECONDS = 60.0",
            "SILENT_SECONDS = 30.0",
        ),
        "pipeline/settling/tidy_test.py::"
        "test_an_armed_call_without_an_answer_becomes_unknown_and_stays_unclosed",
    ),
    guard(
        "an_unarmed_claim_is_released",
        "I3: a lead whose worker died after the claim would be called by nobody.",
        (
            "dialer/pipeline/settling/tidy.py",
            "    await _claims(context)\n",
            "",
        ),
        "pipeline/settling/tidy_test.py::test_a_claim_that_nobody_armed_in_time_is_released",
    ),
)
