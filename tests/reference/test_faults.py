"""The eight faults of the hand-written compensation, each of them impossible here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from pgunwind import Unwind, errors
from pgunwind.demo.evidence import Snapshot
from pgunwind.examples.client_to_delivery import TABLES, WORKFLOW, ClientToDelivery

Connection = psycopg.Connection[Any]


def start_run(conn: Connection) -> str:
    return str(value(conn, "select unwind.start_run('client_to_delivery')"))


def status(conn: Connection, run_id: str) -> str:
    return str(value(conn, "select status from unwind.workflow_runs where id = %s", run_id))


def value(conn: Connection, query: LiteralString, *parameters: object) -> object:
    row = conn.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


# 1. Errors were swallowed --------------------------------------------------------------------


REFUSE_DELETES = """
    create function refuse() returns trigger language plpgsql as
    $$ begin raise 'production_bundles are not to be deleted today'; end $$;
    create trigger refuse before delete on client_to_delivery.production_bundles
    for each row execute function refuse();
    select unwind.compile_workflow('client_to_delivery');
"""


def test_fault_1_an_error_while_compensating_is_raised_and_nothing_is_deleted(
    reference_conn: Connection, application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    run_id = application.execute().run_id
    before = look()
    reference_conn.execute(REFUSE_DELETES)

    with pytest.raises(psycopg.DatabaseError, match="not to be deleted today") as refused:
        reference_conn.execute("select * from unwind.compensate_run(%s, force => true)", [run_id])

    assert refused.value.sqlstate == "UW020"
    assert status(reference_conn, run_id) == "COMPLETED"
    assert look() == before
    assert value(reference_conn, "select count(*) from unwind.compensations") == 0


def test_fault_1_the_application_hears_of_it_and_the_run_can_be_undone_later(
    reference_conn: Connection, application: ClientToDelivery, unwind: Unwind, look: Callable[[], Snapshot]
) -> None:
    reference_conn.execute(REFUSE_DELETES)

    with pytest.raises(errors.CompensationPending, match="not to be deleted today"):
        application.execute(force_qc_fail=True)

    run_id = str(value(reference_conn, "select id from unwind.workflow_runs"))
    assert status(reference_conn, run_id) == "FAILED"
    assert look().total == 14

    reference_conn.execute("drop trigger refuse on client_to_delivery.production_bundles")
    unwind.compensate_run(run_id)
    assert status(reference_conn, run_id) == "COMPENSATED"
    assert look().total == 0


# 2. The failing step was not compensated -------------------------------------------------------


def test_fault_2_the_failing_step_is_compensated_too(application: ClientToDelivery) -> None:
    result = application.execute(force_qc_fail=True)

    assert "qc_evaluate" not in result.completed_steps
    assert result.compensated_steps[0] == "qc_evaluate"
    qc = {receipt.table_name: receipt.rows_deleted for receipt in result.receipts if receipt.step == "qc"}
    assert sorted(qc.values()) == [1, 3], "one committed result and its three issues"


def test_fault_2_a_key_recorded_ahead_covers_rows_that_others_commit(
    reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    run_id = start_run(reference_conn)
    reference_conn.execute("select unwind.record_step(%s, 'brief', 'brief-1')", [run_id])
    reference_conn.execute(
        "insert into client_to_delivery.onboarding_brief (id, client_id) values ('brief-1', 'client-1')"
    )
    assert look().total == 1

    reference_conn.execute("select unwind.compensate_run(%s)", [run_id])

    assert look().total == 0


# 3. One delete could never work ----------------------------------------------------------------


def test_fault_3_a_string_key_for_an_integer_column_is_refused_when_it_is_recorded(
    reference_conn: Connection,
) -> None:
    reference_conn.execute("select unwind.define_workflow('mistyped')")
    reference_conn.execute(
        "select unwind.define_step('mistyped', 'package', 'client_to_delivery.delivery_packages', 'id')"
    )
    run_id = value(reference_conn, "select unwind.start_run('mistyped')")

    with pytest.raises(psycopg.Error) as refused:
        reference_conn.execute("select unwind.record_step(%s, 'package', 'package-7')", [run_id])

    assert refused.value.sqlstate == "UW009"
    assert "'package-7' is no integer" in str(refused.value)


def test_fault_3_a_link_between_types_that_cannot_compare_is_refused_when_it_is_declared(
    reference_conn: Connection,
) -> None:
    with pytest.raises(psycopg.Error) as refused:
        reference_conn.execute(
            "select unwind.declare_foreign_key("
            " 'client_to_delivery.delivery_artifacts', '{package_id}',"
            " 'client_to_delivery.delivery_packages', '{id}')"
        )

    assert refused.value.sqlstate == "UW009"


def test_fault_3_packages_are_deleted_by_their_string_key(
    application: ClientToDelivery, unwind: Unwind, look: Callable[[], Snapshot]
) -> None:
    run_id = application.execute().run_id

    receipts = unwind.compensate_run(run_id, force=True)

    deleted = {receipt.table_name.rpartition(".")[2]: receipt.rows_deleted for receipt in receipts}
    assert (deleted["delivery_packages"], deleted["delivery_artifacts"]) == (1, 3)
    assert look().total == 0


# 4. State was in memory --------------------------------------------------------------------------


def test_fault_4_a_run_whose_process_was_killed_is_undone_from_the_database_alone(
    reference_dsn: str, reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pgunwind.demo.victim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"dsn": reference_dsn}) + "\n")
        process.stdin.flush()
        reached = json.loads(process.stdout.readline())
        process.kill()
    assert reached["step"] == "draft"
    assert look().total == 3, "brief, intake and strategy are committed; the draft was not"

    (run_id,) = (row[0] for row in reference_conn.execute("select id from unwind.workflow_runs"))
    reference_conn.execute("select set_config('unwind.now', (now() + interval '6 minutes')::text, false)")
    # A sweep passes by a run whose step is in flight: wait until the server has missed the process too.
    reference_conn.execute("select from unwind.workflow_runs for update")
    reference_conn.execute("call unwind.recover_runs()")

    assert status(reference_conn, run_id) == "COMPENSATED"
    assert look().counts == dict.fromkeys(TABLES, 0)


# 5. Run ids collided -----------------------------------------------------------------------------


def test_fault_5_runs_of_one_brief_within_one_instant_have_ids_of_their_own(
    reference_conn: Connection,
) -> None:
    with reference_conn.transaction():
        ids = [
            row[0]
            for row in reference_conn.execute(
                "select unwind.start_run('client_to_delivery', business_key => 'brief-1')"
                " from generate_series(1, 1000)"
            )
        ]

    assert len(set(ids)) == 1000


def test_fault_5_an_id_that_exists_is_refused(reference_conn: Connection) -> None:
    run_id = start_run(reference_conn)

    with pytest.raises(psycopg.Error) as refused:
        reference_conn.execute("select unwind.start_run('client_to_delivery', run_id => %s)", [run_id])

    assert refused.value.sqlstate == "UW013"


# 6. A shared parent could be deleted -------------------------------------------------------------


def test_fault_6_a_run_cannot_record_the_brief_of_a_completed_run(
    application: ClientToDelivery, reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    completed = application.execute("brief-1")
    before = look()

    with pytest.raises(errors.EntityOwnedElsewhere, match=completed.run_id):
        application.execute("brief-1", force_qc_fail=True)

    assert look() == before
    assert status(reference_conn, completed.run_id) == "COMPLETED"


def test_fault_6_a_brief_that_others_refer_to_is_not_deleted(
    reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    run_id = start_run(reference_conn)
    reference_conn.execute("select unwind.record_step(%s, 'brief', 'brief-1')", [run_id])
    reference_conn.execute(
        "insert into client_to_delivery.onboarding_brief (id, client_id) values ('brief-1', 'client-1');"
        "insert into client_to_delivery.strategy_document (id, brief_id) values ('not-ours', 'brief-1')"
    )
    before = look()

    with pytest.raises(psycopg.Error, match="strategy_document") as refused:
        reference_conn.execute("select unwind.compensate_run(%s)", [run_id])

    assert refused.value.sqlstate == "UW007"
    assert look() == before


def test_fault_6_a_run_cannot_record_the_qc_result_of_a_completed_run(
    application: ClientToDelivery, reference_conn: Connection
) -> None:
    application.execute("brief-1")
    result_id = value(reference_conn, "select id from client_to_delivery.qc_results")
    run_id = start_run(reference_conn)

    with pytest.raises(psycopg.Error) as refused:
        reference_conn.execute("select unwind.record_step(%s, 'qc', %s)", [run_id, result_id])

    assert refused.value.sqlstate == "UW004"


# 7. Round trips ----------------------------------------------------------------------------------


def round_trips(conn: Connection, trace: Path, work: Callable[[], object]) -> int:
    """How often the server said that it is ready for the next query while `work` was at it."""
    with trace.open("w") as file:
        conn.pgconn.trace(file.fileno())
        try:
            work()
        finally:
            conn.pgconn.untrace()
    return sum("\tReadyForQuery" in line for line in trace.read_text().splitlines())


def test_fault_7_undoing_a_run_is_one_round_trip(
    application: ClientToDelivery, reference_conn: Connection, tmp_path: Path, look: Callable[[], Snapshot]
) -> None:
    run_id = application.execute(issues=3).run_id
    unwind = Unwind(reference_conn)
    unwind.preview_run(run_id)  # whatever the client asks once, it has asked by now

    trips = round_trips(reference_conn, tmp_path / "trace", lambda: unwind.compensate_run(run_id, force=True))

    assert trips == 1
    assert look().total == 0


# 8. Tests leaked rows into each other ------------------------------------------------------------


def test_fault_8_the_scenarios_give_the_same_on_one_database_twice(
    application: ClientToDelivery, look: Callable[[], Snapshot]
) -> None:
    def scenarios() -> tuple[int, ...]:
        totals = []
        assert application.execute("brief-1", force_qc_fail=True).status == "COMPENSATED"
        totals.append(look().total)
        assert application.execute("brief-1", force_delivery_fail=True).status == "COMPENSATED"
        totals.append(look().total)
        return tuple(totals)

    assert [scenarios(), scenarios()] == [(0, 0), (0, 0)]


def test_fault_8_each_test_begins_with_empty_tables_and_no_runs(
    reference_conn: Connection, look: Callable[[], Snapshot]
) -> None:
    assert look().total == 0
    assert value(reference_conn, "select count(*) from unwind.workflow_runs") == 0
    assert value(reference_conn, "select count(*) from unwind.workflows where workflow = %s", WORKFLOW) == 1
