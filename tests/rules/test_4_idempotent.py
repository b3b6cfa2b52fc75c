"""Rule 4: compensating again returns the same receipts and deletes nothing."""

from __future__ import annotations

from typing import Any


def test_again_gives_the_same_receipts_and_deletes_nothing(shop: Any) -> None:
    shop.whole_run("r")
    first = shop("select * from unwind.compensate_run('r')")
    shop.conn.execute("insert into orders values ('o-r', 'somebody new under the old key')")
    before = shop.contents()
    assert shop("select * from unwind.compensate_run('r')") == first
    assert shop("select * from unwind.compensate_run('r', force => true)") == first
    assert shop("select run_id, rows_deleted from unwind.compensate_runs(array['r', 'r'])") == [("r", 4)]
    assert shop.contents() == before


def test_two_sessions_racing_to_undo_one_run_get_the_same_receipts(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    first, second = connect(autocommit=False), connect()
    receipts = first.execute("select * from unwind.compensate_run('r')").fetchall()
    race = in_background(second.execute, "select * from unwind.compensate_run('r')")
    wait_until_blocked(second)
    first.commit()
    assert race.result().fetchall() == receipts
    assert shop("select sum(rows_deleted) from unwind.compensations") == [(4,)]


def test_the_loser_of_the_race_undoes_the_run_itself_if_the_winner_rolls_back(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    first, second = connect(autocommit=False), connect()
    first.execute("select * from unwind.compensate_run('r')")
    race = in_background(second.execute, "select * from unwind.compensate_run('r')")
    wait_until_blocked(second)
    first.rollback()
    assert sum(row[3] for row in race.result().fetchall()) == 4
    assert shop.left() == 0


def test_many_sessions_at_once_delete_every_row_once(
    shop: Any, connect: Any, in_background: Any, barrier: Any
) -> None:
    for n in range(10):
        shop.whole_run(f"r{n}")
    start = barrier(6)

    def undo_all() -> list[Any]:
        conn = connect()
        start.wait()
        return [
            conn.execute("select * from unwind.compensate_run(%s)", [f"r{n}"]).fetchall() for n in range(10)
        ]

    first, *others = [task.result() for task in [in_background(undo_all) for _ in range(6)]]
    assert all(other == first for other in others)
    assert shop.left() == 0
    assert shop("select sum(rows_deleted) from unwind.compensations") == [(40,)]
