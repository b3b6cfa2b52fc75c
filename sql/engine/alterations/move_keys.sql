-- Gives the recorded keys in key_moves their new form, and leaves there only those that have none. Two keys of a run
-- that become one are recorded once, live if one of them is. All at once, for keys can change places.
create or replace function unwind_internal.move_keys()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_moved unwind_internal.ledger [];
begin
    delete from unwind_internal.key_moves as m where m.new_key = m.entity_key;
    select
        array_agg(
            row(
                l.run_id, l.step, m.new_key, l.recorded_at, l.compensated_at, l.released_at, l.released_by
            )::unwind_internal.ledger
        )
    into v_moved
    from unwind_internal.key_moves as m
    inner join unwind_internal.ledger as l
        on l.run_id = m.run_id and l.step = m.step and l.entity_key = m.entity_key
    where m.new_key <> '{}';
    delete from unwind_internal.ledger as l
    using unwind_internal.key_moves as m
    where l.run_id = m.run_id and l.step = m.step and l.entity_key = m.entity_key and m.new_key <> '{}';
    insert into unwind_internal.ledger as l
    select distinct on (u.run_id, u.step, u.entity_key) u.*
    from unnest(v_moved) as u
    order by u.run_id, u.step, u.entity_key, u.compensated_at nulls first, u.released_at nulls first, u.recorded_at
    on conflict on constraint ledger_pkey do update
    set recorded_at = excluded.recorded_at, compensated_at = null, released_at = null, released_by = null
    where (l.compensated_at is not null or l.released_at is not null)
        and excluded.compensated_at is null and excluded.released_at is null;
    delete from unwind_internal.key_moves as m where m.new_key <> '{}';
end
$$;
