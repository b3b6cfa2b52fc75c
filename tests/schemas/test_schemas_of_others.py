"""Schemas that others designed, installed by their own code: a suggested workflow undoes one entity of each.

What suggest_workflow proposes is run with the edits shown, five at most. What is left has to be, to the last
row and column, what would be there if the entity had never been.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib import resources
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Snapshot = Counter[tuple[str, str]]

DJANGO = """
import sys
import django
from django.conf import settings

host, port, name, user, command, *names = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
        "django.contrib.messages", "django.contrib.sessions"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql",
        "HOST": host, "PORT": port, "NAME": name, "USER": user}},
    SECRET_KEY="none",
)
django.setup()
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

if command == "install":
    call_command("migrate", verbosity=0)
    Group.objects.create(name="editors").permissions.set(Permission.objects.all()[:3])
for name in names:
    user = User.objects.create_user(name)
    user.groups.set(Group.objects.all())
    user.user_permissions.set(Permission.objects.all()[:2])
    for number in range(3):
        LogEntry.objects.create(user=user, content_type=ContentType.objects.first(), object_id=number,
            object_repr="a group", action_flag=CHANGE, change_message="as planned")
"""

OPTUNA = """
import sys
import optuna

host, port, name, user, command, *names = sys.argv[1:]
storage = optuna.storages.RDBStorage(f"postgresql+psycopg://{user}@/{name}?host={host}&port={port}")

def objective(trial):
    x = trial.suggest_float("x", -1, 1)
    trial.set_user_attr("noted", True)
    trial.report(x, 1)
    return x * x

for name in names:
    study = optuna.create_study(storage=storage, study_name=name)
    study.set_user_attr("owner", name)
    study.optimize(objective, n_trials=3)
"""

JOBS = """
with job as (
    insert into procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)
    values ('mails', %(name)s::text, %(name)s::text, %(name)s::text, '{"to": "Ada"}', 'todo')
    returning id
)
insert into procrastinate_periodic_defers (task_name, defer_timestamp, job_id, periodic_id)
select %(name)s::text, 1, id, 'hourly' from job
"""


def take_in(script: str, link: str) -> str:
    """One edit: the comment sign of one suggested line is taken away."""
    lines = [
        line for line in script.splitlines() if line.startswith("-- select unwind.declare") and link in line
    ]
    assert len(lines) == 1, script
    return script.replace(lines[0], lines[0].removeprefix("-- "))


def suggested(conn: Connection, root: str, *edits: str) -> None:
    """Run what is suggested for a root table, with these links taken in; what they add is suggested again."""
    assert len(edits) <= 5
    with conn.transaction():
        rounds = [*edits, None]
        for edit in rounds:
            rows = conn.execute("select unwind.suggest_workflow(%s::regclass)", [root]).fetchall()
            script = "\n".join(row[0] for row in rows)
            if edit is not None:
                script = take_in(script, edit)
            conn.execute("select unwind.drop_workflow(workflow) from unwind.workflows")
            conn.execute(script.encode())


def snapshot(conn: Connection) -> Snapshot:
    """Every row of every table that is not pgunwind's, as text."""
    tables = conn.execute(
        """select c.oid::regclass::text from pg_class as c
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1"""
    ).fetchall()
    return Counter(
        (table, row)
        for (table,) in tables
        for (row,) in conn.execute(f"select t::text from {table} as t".encode())
    )


def undo_one(conn: Connection, workflow: str, key: str, before: Snapshot, after: Snapshot) -> Counter[str]:
    """Undo the entity whose rows came between two snapshots; how many rows of which table went."""
    everything = snapshot(conn)
    conn.execute("select unwind.start_run(%s, 'r')", [workflow])
    conn.execute("select unwind.record_step('r', %s, %s)", [workflow, key])
    conn.execute("select * from unwind.compensate_run('r')")
    assert snapshot(conn) == everything - (after - before)
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []
    assert conn.execute("select * from unwind.find_orphans(%s)", [workflow]).fetchall() == []
    return Counter(
        dict(
            conn.execute(
                "select table_name, rows_deleted from unwind.compensations where run_id = 'r'"
            ).fetchall()
        )
    )


def program(conn: Connection, text: str, command: str, *names: str) -> None:
    info = conn.info
    subprocess.run(
        [sys.executable, "-c", text, info.host, str(info.port), info.dbname, info.user, command, *names],
        check=True,
        capture_output=True,
    )


def test_django_one_user(conn: Connection) -> None:
    program(conn, DJANGO, "install", "ada")
    suggested(conn, "auth_user")
    before = snapshot(conn)
    program(conn, DJANGO, "users", "bob")
    after = snapshot(conn)
    program(conn, DJANGO, "users", "cyd")
    row = conn.execute("select id::text from auth_user where username = 'bob'").fetchone()
    assert row is not None
    assert undo_one(conn, "auth_user", row[0], before, after) == {
        "public.auth_user_groups": 1,
        "public.auth_user_user_permissions": 2,
        "public.django_admin_log": 3,
        "public.auth_user": 1,
    }


def test_optuna_one_study(conn: Connection) -> None:
    program(conn, OPTUNA, "studies", "first")
    suggested(conn, "studies", "'public.trials'")
    before = snapshot(conn)
    program(conn, OPTUNA, "studies", "second")
    after = snapshot(conn)
    program(conn, OPTUNA, "studies", "third")
    row = conn.execute("select study_id::text from studies where study_name = 'second'").fetchone()
    assert row is not None
    gone = undo_one(conn, "studies", row[0], before, after)
    assert gone["public.trials"] == gone["public.trial_params"] == gone["public.trial_values"] == 3
    assert gone["public.studies"] == 1


def test_procrastinate_one_job(conn: Connection) -> None:
    conn.execute((resources.files("procrastinate") / "sql" / "schema.sql").read_text().encode())
    conn.execute(JOBS, {"name": "first"})
    suggested(conn, "procrastinate_jobs", "'public.procrastinate_periodic_defers'")
    before = snapshot(conn)
    conn.execute(JOBS, {"name": "second"})
    after = snapshot(conn)
    conn.execute(JOBS, {"name": "third"})
    row = conn.execute("select id::text from procrastinate_jobs where task_name = 'second'").fetchone()
    assert row is not None
    gone = undo_one(conn, "procrastinate_jobs", row[0], before, after)
    assert gone["public.procrastinate_jobs"] == gone["public.procrastinate_periodic_defers"] == 1
    assert gone["public.procrastinate_events"] > 0
