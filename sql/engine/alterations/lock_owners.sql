-- Before owners move to other names, or are read anew: waits for the steps in flight, and holds up new ones until the
-- definitions that they look at last (assert_root_as_planned) have moved too. So no entity is recorded under a dead
-- name, and none twice. The one table lock there is; it is taken only after an ALTER TABLE of a root.
create or replace function unwind_internal.lock_owners()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    lock table unwind.entity_owners in share row exclusive mode
$$;
