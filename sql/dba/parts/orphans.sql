-- Rows whose parent is gone, over every link of :workflow, or of all.
\echo
\echo Orphans (no row: none)
select
    o.child_table,
    pg_catalog.array_to_string(o.child_columns, ', ') as child_columns,
    o.parent_table,
    pg_catalog.array_to_string(o.parent_columns, ', ') as parent_columns,
    o.orphans,
    o.sample_keys
from unwind.find_orphans(
    case when :'workflow' operator(pg_catalog.<>) ''::pg_catalog.text then :'workflow' end
) as o \gx
