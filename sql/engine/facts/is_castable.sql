-- Whether a value of one type is one of another too, element by element for arrays. Only by casts that change no byte,
-- which nobody but a superuser can make, and by those that PostgreSQL itself brings and does by itself: others can be
-- anybody's code. by_itself: where nobody writes a cast.
create or replace function unwind_internal.is_castable(source oid, target oid, by_itself boolean)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from pg_cast as x
        left join pg_proc as f on f.oid = x.castfunc
        where x.castsource = source
            and x.casttarget = target
            and (
                (x.castmethod = 'b' and (x.castcontext = 'i' or (x.castcontext = 'a' and not by_itself)))
                or (x.castcontext = 'i' and f.pronamespace = 'pg_catalog'::regnamespace)
            )
    ) or exists (
        select from pg_type as s
        inner join pg_type as t on t.oid = target
        inner join pg_cast as x on x.castsource = s.typelem and x.casttarget = t.typelem
        where s.oid = source
            and s.typsubscript = 'array_subscript_handler'::regproc and t.typsubscript = s.typsubscript
            and x.castmethod = 'b' and x.castcontext = 'i'
    );
end
$$;
