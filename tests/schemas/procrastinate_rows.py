"""Procrastinate's tables by its own SQL, and a periodic job: python procrastinate_rows.py CONNINFO NAME."""

import sys

import psycopg
from procrastinate import App, SyncPsycopgConnector

conninfo, name = sys.argv[1:]
with psycopg.connect(conninfo, autocommit=True) as conn:
    if conn.execute("select to_regclass('procrastinate_jobs')").fetchone() == (None,):
        with App(connector=SyncPsycopgConnector(conninfo=conninfo)).open() as app:
            app.schema_manager.apply_schema()
    conn.execute(
        "select procrastinate_defer_periodic_job_v2('mail', null, null, %s, 0, '', 1700000000, '{}')", [name]
    )
    conn.execute("update procrastinate_jobs set status = 'doing' where task_name = %s", [name])
