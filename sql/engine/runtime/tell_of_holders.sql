-- Says of runs whose rows somebody holds what that means for them (passed by, waited for) and who it is, a NOTICE each.
create or replace function unwind_internal.tell_of_holders(run_ids text [], what text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_holder record;
begin
    for v_holder in
        select
            unwind_internal.describe_holder(h.pid, h.gid, h.login, h.application, h.state, h.since) as name,
            unwind_internal.end_holder(h.pid, h.gid) as ending,
            array_agg(h.run_id order by h.run_id) as runs
        from unwind_internal.find_holders_of(run_ids) as h
        group by 1, 2
        order by 1
    loop
        raise notice '%: % holds the row of run %', what, v_holder.name, concat_ws(' and of ',
            quote_literal(v_holder.runs[1]),
            case when cardinality(v_holder.runs) > 1 then format('%s others', cardinality(v_holder.runs) - 1) end)
        using detail = format('The runs: %s%s. It is the row''s until it ends: commit or rollback.',
                (
                    select string_agg(quote_literal(r.id), ', ' order by r.n)
                    from unnest(v_holder.runs[:10]) with ordinality as r (id, n)
                ),
                case when cardinality(v_holder.runs) > 10 then ', …' else '' end),
            hint = 'If nobody will end it any more: ' || v_holder.ending;
    end loop;
end
$$;
