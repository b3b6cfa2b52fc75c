-- Writes the images of an undo, whose number is given, negative, into a log: those of the run, with signs turned.
-- SECURITY DEFINER: nobody but the engine writes images; it does for a run on which the caller may act, and that was
-- undone so.
create or replace function unwind_internal.mirror_images(log_name text, number bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_statement text;
begin
    select format(
        'insert into unwind_captured.%1$I ("~run", "~sign", "~shape", %2$s) '
        'select - l."~run", - l."~sign", l."~shape", %2$s from unwind_captured.%1$I as l where l."~run" = $1',
        c.log_name, unwind_internal.column_list(c.columns)
    ) into v_statement
    from unwind_internal.captured_tables as c
    where c.log_name = mirror_images.log_name
        and exists (
            select from unwind_internal.restorable_runs as s
            inner join unwind.workflow_runs as r on r.number = s.run
            where s.run = - mirror_images.number
                and s.is_mirrored
                and r.status = 'COMPENSATED'
                and unwind_internal.may_act(r.started_by)
        );
    if found then
        execute v_statement using - number;
    end if;
end
$$;
