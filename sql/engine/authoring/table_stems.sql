-- What a column may call a table that it refers to: production_drafts is production_draft (closeness 1) or draft (2);
-- strategy_document may be strategy (4; 3 is left for a column named as the key). Plurals are English, and guessed.
create or replace function unwind_internal.table_stems(words text [])
returns table (stem text, closeness int)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    with spans (first, last) as (
        select n.i, cardinality(words) from generate_subscripts(words, 1) as n (i)
        union
        select 1, n.i from generate_subscripts(words, 1) as n (i)
    )

    select
        array_to_string(words[s.first:s.last - 1] || e.ending, '_'),
        min(case when s.last < cardinality(words) then 4 when s.first > 1 then 2 else 1 end)
    from spans as s
    cross join lateral (values
        (words[s.last]),
        (regexp_replace(words[s.last], 's$', '')),
        (regexp_replace(words[s.last], 'es$', '')),
        (regexp_replace(words[s.last], 'ies$', 'y'))
    ) as e (ending)
    where e.ending <> ''
    group by 1
$$;
