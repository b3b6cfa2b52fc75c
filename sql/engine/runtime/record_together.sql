-- Records keys, as record_entity one: all at once, and then those one by one about which there may be something to be
-- said, in the order in which they were given. Gives how many are new to the run's ledger.
-- Errors: UW004, UW009, UW017.
create or replace function unwind_internal.record_together(
    run_id text, roots unwind.plan_statements [], keys text []
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_root unwind.plan_statements;
    v_doubtful bigint [] := '{}';
    v_new text [];
    v_key text;
begin
    if keys = '{}' then
        return 0;
    end if;
    begin
        perform unwind_internal.write_new_keys(run_id, roots, keys);
        v_new := keys;
    exception
        when unique_violation then
            foreach v_root in array roots loop
                continue when v_root.action <> 'keys';
                v_doubtful := v_doubtful || unwind_internal.take_ownership_together(run_id, v_root, keys);
            end loop;
            v_new := unwind_internal.write_ledger_together(run_id, roots[1].step, keys);
    end;
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys';
        perform unwind_internal.assert_root_as_planned(v_root);
        v_doubtful := v_doubtful || unwind_internal.find_doubtful(v_root, keys);
    end loop;
    for v_key in select keys[d.place] from (select distinct unnest(v_doubtful)) as d (place) order by d.place loop
        perform unwind_internal.own_entity(run_id, roots, v_key::text []);
        perform unwind_internal.assert_own_rows(run_id, roots, v_key::text [], v_key = any(v_new));
    end loop;
    return cardinality(v_new);
end
$$;
