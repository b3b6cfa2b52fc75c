-- Errors: UW019, always.
create or replace function unwind_internal.raise_too_many_rows(
    max_rows bigint, run_ids text [], row_count bigint, tables text [], counts bigint []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'undoing % takes more rows than max_rows allows: % so far, % allowed',
        case cardinality(run_ids) when 1 then 'run ' || quote_literal(run_ids[1])
            else format('%s runs', cardinality(run_ids)) end,
        row_count, max_rows
    using errcode = 'UW019',
        detail = 'Nothing was deleted. So far it would have been: ' || (
            select string_agg(format('%s of %s', t.rows, t.name), ', ' order by t.place)
            from (
                select c.name, sum(c.rows) as rows, min(c.place) as place
                from unnest(tables, counts) with ordinality as c (name, rows, place)
                where c.rows > 0
                group by c.name
            ) as t
        ) || '.',
        hint = format('Look first: select * from unwind.preview_run(%L); then call again with a higher max_rows or, '
            'for a run that is meant to be big: call unwind.compensate_run_in_batches(%1$L);', run_ids[1]);
end
$$;
