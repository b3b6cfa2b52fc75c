-- An undo, whose number is given, negative, is taken back: its images of a captured table come to nothing, but those of
-- rows that were skipped, whose keys are given as render_key_text has them.
-- SECURITY DEFINER: nobody but the engine writes images; it does for a run on which the caller may act.
create or replace function unwind_internal.settle_images(log_name text, number bigint, row_keys text [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    perform from unwind.workflow_runs as r
    where r.number = - settle_images.number and r.status = 'COMPENSATED' and unwind_internal.may_act(r.started_by);
    if not found then
        return;
    end if;
    if row_keys = '{}' then
        execute format('delete from unwind_captured.%I where "~run" = $1', log_name) using number;
        return;
    end if;
    select c.* into v_captured from unwind_internal.captured_tables as c where c.log_name = settle_images.log_name;
    execute (
        select format(
            $sql$with %s
delete from unwind_captured.%I as l
where l."~run" = any($1) and not exists (select from every as c where %s = any($2) and %s)$sql$,
            unwind_internal.render_net_images(v_captured), v_captured.log_name,
            unwind_internal.render_key_text(v_captured),
            string_agg(format('l.%I %s c.k%s', i.name, i.equals, i.place), ' and ' order by i.place)
        )
        from unwind_internal.image_columns(v_captured) as i
        where i.is_key
    ) using array[number], row_keys;
end
$$;
