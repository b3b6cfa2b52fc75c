-- A column of an anchor, as a statement compares with it in one of the forms of anchor_form and far_form; of far_form
-- also as the probe puts it, with a value that is not known when it is planned.
create or replace function unwind_internal.render_anchor_column(
    anchor unwind.plan_statements, place int, form text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select case form
            when 'elements' then format('any(%s)', a.variable)
            when 'far elements' then format('any(k.c%s)', place)
            when 'probe of far elements' then format('any((select null::%s[])::%1$s[])', a.type)
            else unwind_internal.render_carried(
                case form
                    when 'scalars' then a.variable
                    when 'probe of far element' then format('(select null::%s)::%1$s', a.type)
                    else 'k.c' || place
                end, a.type
            )
        end
        from (
            select
                unwind_internal.anchor_variable(render_anchor_column.anchor, place) as variable,
                (anchor).types[place] as type
        ) as a
    );
end
$$;
