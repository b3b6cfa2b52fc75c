-- The runs that are undone, with which others, and what is known to keep their undo from being taken back. Whether
-- somebody has changed a row or taken over a key since is not asked here. An application sees its own runs.
create or replace view unwind.undone_runs with (security_barrier) as
select
    r.id as run_id,
    r.workflow,
    t.together,
    case
        when r.images_dropped_at is not null
            then format('The images of what it deleted were dropped at %s.', r.images_dropped_at)
        when s.run is null and exists (
            select from unwind_internal.rows_deleted_of(array[r.id]) as d
            where greatest(d.rows_deleted, d.rows_reverted, d.rows_reinserted) > 0
        )
            then 'It was not captured: none of its tables was under capture then, or it went in batches.'
        when s.members > cardinality(t.together) then 'A run that was undone together with it has been purged.'
        when s.lost_tables <> '{}' then format(
            'It deleted rows of tables that were not under capture: %s.', array_to_string(s.lost_tables, ', ')
        )
    end as blocked_by
from unwind.workflow_runs as r
left join unwind_internal.restorable_runs as s on r.number = s.run
cross join lateral (
    select coalesce(array_agg(w.id order by w.id), array[r.id]) as together
    from unwind_internal.restorable_runs as m
    inner join unwind.workflow_runs as w on m.run = w.number
    where m.undone_with = s.undone_with
) as t
where r.status = 'COMPENSATED'
    and (
        r.started_by = session_user
        or (select unwind_internal.sees_any_run())
        or unwind_internal.may_act(r.started_by)
    );
comment on view unwind.undone_runs is 'Runs that are undone, and whether restore_run can take that back.';
comment on column unwind.undone_runs.together is
'The runs that were undone with it, itself among them: they come back together.';
comment on column unwind.undone_runs.blocked_by is
'Why its undo cannot be taken back; null: it can, unless others have changed its rows or taken over its keys since.';
