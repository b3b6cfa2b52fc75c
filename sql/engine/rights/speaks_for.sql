-- Whether the caller may act on runs of a role that is neither its login nor in effect: as a member, or as an operator.
-- Runs of a role that is gone, and those that were started before roles were kept (null), are the operators'.
create or replace function unwind_internal.speaks_for(started_by name)
returns boolean
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.acting_roles() as a (role)
        inner join pg_roles as o on o.rolname = started_by
        where pg_has_role(a.role, o.oid, 'MEMBER')
    ) or unwind_internal.is_operator();
end
$$;
