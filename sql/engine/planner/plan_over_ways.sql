-- One statement for each of these ways into a table: what hangs below other rows of it, and was found last, first.
-- Rows kept elsewhere are locked as they go, in the order of their keys.
create or replace function unwind_internal.plan_over_ways(
    ways unwind_internal.plan_ways [], action text, component int default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    for n in reverse cardinality(ways)..1 loop
        continue when action = 'lock' and unwind_internal.is_kept_elsewhere(ways[n].target);
        perform unwind_internal.add_statement(
            ways[n].workflow, ways[n].step, action, ways[n].target, ways[n], component => component
        );
    end loop;
end
$$;
