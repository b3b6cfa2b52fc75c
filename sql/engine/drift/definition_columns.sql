-- Every list of columns of a table that a definition names: keys of roots, and either side of a declared link.
create or replace view unwind_internal.definition_columns as
select r.root_table as tbl, r.key_columns as columns from unwind.step_roots as r
union
select l.child_table, l.child_columns from unwind.logical_foreign_keys as l
union
select l.parent_table, l.parent_columns from unwind.logical_foreign_keys as l;
comment on view unwind_internal.definition_columns is 'Columns that definitions name, table by table.';
