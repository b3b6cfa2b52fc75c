-- Of each table from which runs of the workflow are undone: how many rows of these runs are left in it, and how many
-- rows it holds besides, which nobody touched. Counted now.
create or replace function unwind_internal.evidence_of_tables(workflow text, run_ids text [])
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_tables jsonb := '[]';
    v_table record;
    v_rows bigint;
begin
    for v_table in
        select t.target, coalesce(max(l.row_count), 0) as rows_left
        from unwind_internal.described_tables(evidence_of_tables.workflow) as t
        left join unwind_internal.rows_left(evidence_of_tables.workflow, run_ids) as l on l.target = t.target
        where t.target is not null
        group by t.target
        order by min(t.ordinal)
    loop
        execute format('select count(*) from %s', v_table.target) into v_rows;
        v_tables := v_tables || jsonb_build_object(
            'table_name', v_table.target,
            'rows_left', v_table.rows_left,
            'rows_outside', v_rows - v_table.rows_left
        );
    end loop;
    return v_tables;
end
$$;
