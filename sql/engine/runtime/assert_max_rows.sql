-- What an undo has taken so far is not more than it may: rows per table, as the generated function counts them.
-- Errors: UW019.
create or replace function unwind_internal.assert_max_rows(
    max_rows bigint, run_ids text [], tables text [], counts bigint []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows constant bigint := (select coalesce(sum(c.n), 0) from unnest(counts) as c (n));
begin
    if v_rows > max_rows then
        perform unwind_internal.raise_too_many_rows(max_rows, run_ids, v_rows, tables, counts);
    end if;
end
$$;
