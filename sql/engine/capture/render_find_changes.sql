-- The query that shows what undoing the runs $1 would do in a captured table; of a row that was changed more than once,
-- so that it is a conflict, one line. The number of a run beside that of its undo: see undo_of.
create or replace function unwind_internal.render_find_changes(
    captured unwind_internal.captured_tables, merging boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$with %1$s
select
    %2$L, %3$s, c.action,
    array_remove(array[%4$s]::text[], null),
    array(
        select distinct r.id
        from unwind_captured.%5$I as b
        inner join unwind.workflow_runs as r on r.number = b."~run"
        where c.action = 'conflict' and b."~run" <> all($1) and b."~sign" = 1
            and ($1[1] > 0 or r.status <> 'COMPENSATED') and row(%6$s)::record *= row(%11$s)
        order by r.id
    ),
    case when c.f_run is not null then jsonb_build_object(%7$s) end,
    case when c.l_run is not null then jsonb_build_object(%8$s) end,
    case when c.is_there then jsonb_build_object(%9$s) end
from (
    select c.*, row_number() over (partition by %10$s) as nth
    from c1 as c
    where c.action <> 'done'
) as c
where c.nth = 1
order by %10$s$sql$,
        unwind_internal.render_changes(
            captured, 1, merging, 'l."~sign" * case when $1[1] < 0 and l."~run" > 0 then -1 else 1 end', shown => true
        ),
        captured.table_name::text,
        unwind_internal.render_key_text(captured),
        string_agg(
            unwind_internal.render_difference(i.place, i.added, i.name, i.is_ignored, merging), ', ' order by i.place
        ),
        'images of ' || captured.log_name,
        string_agg(format('b.%I', i.name), ', ' order by i.place),
        string_agg(
            format('%L, %s', i.name, unwind_internal.render_json_value('c.f' || i.place, i.is_builtin)),
            ', ' order by i.place
        ),
        string_agg(
            format('%L, %s', i.name, unwind_internal.render_json_value('c.l' || i.place, i.is_builtin)),
            ', ' order by i.place
        ),
        string_agg(
            format('%L, %s', i.name, unwind_internal.render_json_value('c.t' || i.place, i.is_builtin)),
            ', ' order by i.place
        ),
        string_agg('c.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        string_agg('c.l' || i.place, ', ' order by i.place)
    )
    from unwind_internal.image_columns(captured) as i
$$;
