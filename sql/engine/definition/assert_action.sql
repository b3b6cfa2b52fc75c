-- The action of a link is one that there is, and the columns that it clears are the link's own.
-- Errors: UW009.
create or replace function unwind_internal.assert_action(on_delete text, set_columns text [], child_columns text [])
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wrong text;
begin
    if on_delete is null
        or on_delete not in ('cascade', 'restrict', 'set null') and coalesce(set_columns, '{}') = '{}'
    then
        raise 'a foreign key cannot have the action %', coalesce(quote_literal(on_delete), 'null')
        using errcode = 'UW009',
            detail = 'cascade: the child belongs to the parent; restrict: it only refers to it; '
                'set null: its link is cleared, or those columns of it that a list names.',
            hint = unwind_internal.did_you_mean(on_delete, '{cascade, restrict, set null}') || format(
                'say ''cascade'', ''restrict'', ''set null'' or ''set null (%s)''.', quote_ident(child_columns[1])
            );
    end if;
    select s.name into v_wrong
    from unnest(set_columns) with ordinality as s (name, n)
    where s.name <> all(child_columns)
        or exists (select from unnest(set_columns) with ordinality as d (name, n) where d.name = s.name and d.n < s.n)
    order by s.n
    limit 1;
    if found then
        raise 'the action % cannot clear column %', quote_literal(on_delete), quote_ident(v_wrong)
        using errcode = 'UW009',
            detail = format('The columns of the link are (%s); each can be named once, and no other.', (
                select string_agg(quote_ident(c.name), ', ' order by c.n)
                from unnest(child_columns) with ordinality as c (name, n)
            )),
            hint = format('Say ''set null (%s)'', or ''set null'' for all of them.', quote_ident(child_columns[1]));
    end if;
end
$$;
