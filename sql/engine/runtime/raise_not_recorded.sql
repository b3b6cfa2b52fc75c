-- Errors: P0002, always.
create or replace function unwind_internal.raise_not_recorded(run_id text, step text, entity_key text [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'run % has no live key (%) of step %', quote_literal(run_id), array_to_string(entity_key, ', '),
        quote_literal(step)
    using errcode = 'no_data_found',
        detail = coalesce(
            (
                select case
                    when l.released_at is not null then format('It was released at %s.', l.released_at)
                    else format('It was undone at %s.', l.compensated_at)
                end
                from unwind_internal.ledger as l
                where l.run_id = raise_not_recorded.run_id and l.step = raise_not_recorded.step
                    and l.entity_key = raise_not_recorded.entity_key
            ),
            'It never recorded it.'
        ),
        hint = format(
            'select step, entity_key, compensated_at, released_at from unwind.run_steps where run_id = %L;', run_id
        );
end
$$;
