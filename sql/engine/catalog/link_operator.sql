-- How a linking column is compared with the column that it refers to: as equal or, where it is the PERIOD of a
-- foreign key (PostgreSQL 18), as having a part in common, for the parent's periods have to cover it together.
create or replace function unwind_internal.link_operator(child_table regclass, child_column text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('server_version_num')::int >= 180000 and exists (
        select from pg_constraint as c
        inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[cardinality(c.conkey)]
        where c.conrelid = child_table
            and c.contype = 'f'
            and (to_jsonb(c) ->> 'conperiod')::boolean -- a column that older servers do not have
            and a.attname = child_column
    ) then
        return '&&';
    end if;
    return '=';
end
$$;
