-- Makes runs, whose rows are locked, owners again of what they had recorded. Of what nobody has taken over meanwhile
-- they still are, and nobody can take it over now: only the rest is written, so that this waits for nobody who waits
-- for it.
-- SECURITY DEFINER: nobody but the engine writes who owns what; for runs on which the caller may act.
-- Errors: UW004; UW008, where a step is gone.
create or replace function unwind_internal.own_again(run_ids text [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_step record;
    v_root unwind.plan_statements;
    v_lost text [];
    v_places bigint [];
    v_owned text [];
begin
    for v_step in
        select l.run_id, r.workflow, l.step, array_agg(l.entity_key::text order by l.entity_key) as keys
        from unwind_internal.ledger as l
        inner join unwind.workflow_runs as r on r.id = l.run_id
        where l.run_id = any(own_again.run_ids)
            and l.compensated_at is null
            and l.released_at is null
            and unwind_internal.may_act(r.started_by)
        group by l.run_id, r.workflow, l.step
        order by l.run_id, l.step
    loop
        foreach v_root in array unwind_internal.recorded_roots(v_step.workflow, v_step.step) loop
            continue when v_root.action <> 'keys';
            v_owned := unwind_internal.owned_keys(v_root, v_step.keys);
            v_lost := array(
                select v_step.keys[k.place]
                from unnest(v_owned) with ordinality as k (entity_key, place)
                where not exists (
                    select from unwind.entity_owners as o
                    where o.root_table = v_root.target
                        and o.key_columns = v_root.columns
                        and o.entity_key = k.entity_key::text []
                        and o.run_id = v_step.run_id
                )
                order by k.place
            );
            continue when v_lost = '{}';
            v_places := unwind_internal.take_ownership_together(v_step.run_id, v_root, v_lost);
            perform unwind_internal.raise_owned(
                v_root.target, v_root.columns, o.entity_key, o.run_id, v_step.run_id
            )
            from unwind_internal.owned_key(v_root, v_lost[v_places[1]]::text []) as k (entity_key)
            inner join unwind.entity_owners as o
                on o.root_table = v_root.target and o.key_columns = v_root.columns and o.entity_key = k.entity_key
            where v_places <> '{}';
        end loop;
    end loop;
end
$$;
