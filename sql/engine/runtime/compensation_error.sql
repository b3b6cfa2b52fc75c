-- The error of a compensation, with that for which the run had failed below it.
create or replace function unwind_internal.compensation_error(error text, last_error text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select 'compensation failed: ' || error || coalesce(
        E'\nthe run had failed: ' || case
            when last_error like 'compensation failed: %'
                then nullif(split_part(last_error, E'\nthe run had failed: ', 2), '')
            else last_error
        end, ''
    )
$$;
