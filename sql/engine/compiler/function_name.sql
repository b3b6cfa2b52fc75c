-- The quoted name of a generated function: compensate_one_checkout, compensate_many_checkout or record_checkout. Its
-- prefix keeps it apart from those of all other workflows; names too long for an identifier end in a digest of the
-- whole.
create or replace function unwind_internal.function_name(workflow text, kind text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('unwind_compiled.%I',
        case
            when octet_length(full_name) <= 63 then full_name
            -- A character has at most four bytes, and the prefix at most sixteen.
            else format('%s_%s_%s', prefix, left(workflow, 8), left(md5(full_name), 12))
        end
    )
    from (values (case when kind in ('one', 'many') then 'compensate_' || kind else kind end)) as p (prefix)
    cross join lateral (values (format('%s_%s', prefix, workflow))) as v (full_name)
$$;
