-- Defaults by which transactions here are REPEATABLE READ or SERIALIZABLE, in which no run can be undone and nothing
-- defined (UW010): of the database or a role, and of this session. The client and the procedures that commit begin
-- theirs in READ COMMITTED by themselves; whoever calls the functions has to.
create or replace function unwind_internal.check_isolation()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with defaults (object, level, fix) as (
        select
            concat_ws(' in ', 'role ' || quote_ident(r.rolname), 'database ' || quote_ident(d.datname)),
            split_part(c.setting, '=', 2),
            format('alter %s reset default_transaction_isolation;', case
                when r.oid is null then format('database %I', d.datname)
                else concat_ws(' in database ', format('role %I', r.rolname), quote_ident(d.datname))
            end)
        from pg_db_role_setting as s
        cross join unnest(s.setconfig) as c (setting)
        left join pg_roles as r on s.setrole = r.oid
        left join pg_database as d on s.setdatabase = d.oid
        where c.setting like 'default_transaction_isolation=%'
            and s.setdatabase in (0, (select o.oid from pg_database as o where o.datname = current_database()))
        union all
        select
            'this session',
            p.setting,
            case p.source
                when 'configuration file'
                    then 'alter system set default_transaction_isolation = ''read committed''; select pg_reload_conf();'
                else 'set default_transaction_isolation = ''read committed'';'
            end
        from pg_settings as p
        where p.name = 'default_transaction_isolation' and p.source not in ('database', 'user', 'database user')
    )

    select
        'warning',
        'default_isolation',
        d.object,
        format('transactions are %s by default (%s), and in such a one nothing can be undone or defined (UW010)',
            d.level, d.object),
        d.fix
    from defaults as d
    where d.level not in ('read committed', 'read uncommitted')
    order by d.object
$$;
