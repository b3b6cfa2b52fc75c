-- How a statement on a table whose rows are kept elsewhere compares with its anchor, of which k is an element or, where
-- it has one column, all elements of a run: in terms of scalar keys, so that the far server can be sent the statement
-- as it is. Anything else would be carried out row by row, by where the rows lie there.
create or replace function unwind_internal.far_form(anchor unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        -- An array of an extension's type is not the extension's, and is never sent. 10000: the first of those that
        -- are not built in.
        when unwind_internal.anchor_form(anchor, false) = 'elements' and (anchor).types[1]::regtype::oid < 10000
            then 'far elements'
        else 'far element'
    end;
end
$$;
