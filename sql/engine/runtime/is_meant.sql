-- Whether it is plain that the bare name of a table means that table, or nothing, to a role under the search_path in
-- force, by how PostgreSQL looks the name up for the engine's owner. Where it is not plain, other_table_meant finds
-- out: another table is found, or the two may find different ones, as the owner has not the role's rights, the role may
-- not use the table's schema, or one of them has a schema of its own name, for which $user stands, with such a table.
-- On the way of each record, so without a search_path of its own: PostgreSQL inlines it.
create or replace function unwind_internal.is_meant(target regclass, schema_name name, table_name name, role name)
returns boolean
language sql
stable
as $$
    select coalesce(pg_catalog.to_regclass(pg_catalog.quote_ident(table_name)), target) operator(pg_catalog.=) target
    and (
        role operator(pg_catalog.=) current_user
        or pg_catalog.pg_has_role(current_user, role, 'USAGE')
        and pg_catalog.has_schema_privilege(role, schema_name, 'USAGE')
        and schema_name operator(pg_catalog.<>) current_user
        and coalesce(pg_catalog.to_regclass(pg_catalog.format('%I.%I', role, table_name)), target)
        operator(pg_catalog.=) target
    )
$$;
