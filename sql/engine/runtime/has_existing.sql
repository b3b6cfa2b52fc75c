-- Whether one of these versions of rows was not written by this transaction. 0 is no version: the row of a partition
-- that is kept elsewhere.
create or replace function unwind_internal.has_existing(versions text [])
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce((
        select bool_or(not unwind_internal.is_own_write(v.version::xid))
        from unnest(versions) as v (version)
        where v.version <> '0'
    ), false);
end
$$;
