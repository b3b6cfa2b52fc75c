-- What to type when a plan is not as its tables are: who has to say what the definitions mean is told how, both ways.
create or replace function unwind_internal.stale_hint(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
            string_agg(
                case
                    when a.follow is null then format('If the renamed table is meant: %s ', a.keep)
                    else format(
                        'If what has the name now is meant: %s If what was renamed is meant: %s ', a.follow, a.keep
                    )
                end || 'Then: ', '' order by a.message
            ), ''
        )
        || format('select unwind.compile_workflow(%L); or, to see more: select * from unwind.check_workflow(%1$L);',
            stale_hint.workflow)
    from unwind_internal.ambiguities(stale_hint.workflow) as a
$$;
