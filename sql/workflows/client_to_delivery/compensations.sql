-- A function per step, under the names that the application's own compensations had: each undoes the step of a run
-- that was recorded last. Running it again changes nothing.

create or replace function compensate_package(run_id text)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language sql
as $$ select c.ordinal, c.step, c.table_name, c.rows_deleted from unwind.compensate_step(run_id, 'package') as c $$;

create or replace function compensate_qc(run_id text)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language sql
as $$ select c.ordinal, c.step, c.table_name, c.rows_deleted from unwind.compensate_step(run_id, 'qc') as c $$;

create or replace function compensate_draft(run_id text)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language sql
as $$ select c.ordinal, c.step, c.table_name, c.rows_deleted from unwind.compensate_step(run_id, 'draft') as c $$;

create or replace function compensate_strategy(run_id text)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language sql
as $$ select c.ordinal, c.step, c.table_name, c.rows_deleted from unwind.compensate_step(run_id, 'strategy') as c $$;

create or replace function compensate_brief(run_id text)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language sql
as $$ select c.ordinal, c.step, c.table_name, c.rows_deleted from unwind.compensate_step(run_id, 'brief') as c $$;

comment on function compensate_package(text) is 'Undoes the step package of a run: unwind.compensate_step.';
comment on function compensate_qc(text) is 'Undoes the step qc of a run: unwind.compensate_step.';
comment on function compensate_draft(text) is 'Undoes the step draft of a run: unwind.compensate_step.';
comment on function compensate_strategy(text) is 'Undoes the step strategy of a run: unwind.compensate_step.';
comment on function compensate_brief(text) is 'Undoes the step brief of a run: unwind.compensate_step.';
