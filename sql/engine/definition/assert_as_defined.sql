-- What was renamed or dropped between a definition and the end of its transaction would be taken for what the
-- definition names, and rows of others for the run's.
-- Errors: UW009.
create or replace function unwind_internal.assert_as_defined()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_column unwind_internal.defined_columns;
begin
    select d.* into v_column
    from unwind_internal.defined_columns as d
    left join pg_attribute as a on a.attrelid = d.tbl and a.attnum = d.number and not a.attisdropped
    where a.attname is distinct from d.name or d.tbl::text <> d.table_name
    order by d.table_name, d.name
    limit 1;
    if found then
        raise 'column %.% is not what it was when this transaction named it in a definition',
            v_column.table_name, quote_ident(v_column.name)
        using errcode = 'UW009',
            detail = 'Definitions are compiled when their transaction commits; it was renamed or dropped before that.',
            hint = 'Define after renaming; or call unwind.compile_workflow between the two, and again at the end.';
    end if;
end
$$;
