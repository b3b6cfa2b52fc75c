-- The quoted name of the generated function. The prefix keeps a workflow called k or t from hiding the aliases
-- inside it; names too long for an identifier end in a digest of the whole.
create or replace function unwind_internal.function_name(workflow text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('unwind_compiled.%I',
        case
            when octet_length(full_name) <= 63 then full_name
            -- 20 characters are at most 47 bytes here, for the prefix is plain
            else left(full_name, 20) || '_' || left(md5(full_name), 12)
        end
    )
    from (values ('compensate_' || function_name.workflow)) as v (full_name)
$$;
