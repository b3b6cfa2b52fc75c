-- Of runs that were tried together, those that might go without the others: all that did not fail, and of the failed
-- those that only rows of runs that stay among them are in the way of.
create or replace function unwind_internal.leave_out_blocked(run_ids text [], failed text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_blocked jsonb; -- of each failed run the owners of what is in its way; null where some is nobody's, or nothing is
    v_left text [] := run_ids;
    v_before int;
begin
    select coalesce(jsonb_object_agg(r.id, b.owners), '{}') into v_blocked
    from unwind.workflow_runs as r
    cross join lateral (
        select case when not bool_or(b.some_unowned) then jsonb_agg(b.owners) end as owners
        from unwind_internal.blocking_rows(r.workflow, array[r.id]) as b
    ) as b
    where r.id = any(failed);
    loop
        v_before := cardinality(v_left);
        v_left := array(
            select l.id
            from unnest(v_left) with ordinality as l (id, place)
            where l.id <> all(failed)
                or (
                    select bool_and(o.owner = any(v_left))
                    from jsonb_array_elements(nullif(v_blocked -> l.id, 'null')) as e (owners)
                    cross join jsonb_array_elements_text(e.owners) as o (owner)
                )
            order by l.place
        );
        exit when cardinality(v_left) = v_before;
    end loop;
    return v_left;
end
$$;
