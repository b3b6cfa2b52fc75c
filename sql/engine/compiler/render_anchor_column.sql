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
declare
    v_type constant text := anchor.types[place];
begin
    return case form
        when 'elements' then format('any(%s)', unwind_internal.anchor_variable(anchor, place))
        when 'far elements' then format('any(k.c%s)', place)
        when 'probe of far elements' then format('any((select null::%s[])::%1$s[])', v_type)
        else unwind_internal.render_carried(
            case form
                when 'scalars' then unwind_internal.anchor_variable(anchor, place)
                when 'probe of far element' then format('(select null::%s)::%1$s', v_type)
                else 'k.c' || place
            end, v_type
        )
    end;
end
$$;
