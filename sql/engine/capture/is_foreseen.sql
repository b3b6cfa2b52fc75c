-- Whether the images of runs say all that their kept undo may change: not where code of the user's runs, or comes to
-- partitions unseen, and not of columns that are ignored. depends_on: all tables that it names.
create or replace function unwind_internal.is_foreseen(
    tables unwind_internal.captured_tables [], depends_on regclass []
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select not exists (select from unnest(is_foreseen.tables) as c where c.ignored <> '{}')
        and not exists (
            select from pg_class as t
            where t.oid = any(is_foreseen.depends_on)
                and (
                    t.relkind <> 'r' or t.relispartition or t.relhassubclass or unwind_internal.has_user_code(t.oid)
                )
        )
$$;
