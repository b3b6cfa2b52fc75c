-- Whether rows of a table are kept elsewhere: some lie behind a foreign table. This function alone decides which
-- statements keep the rules of such tables (docs/internals.md), so it is the one to replace where tables are
-- distributed by other means.
create or replace function unwind_internal.is_kept_elsewhere(target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.is_foreign(is_kept_elsewhere.target);
end
$$;
