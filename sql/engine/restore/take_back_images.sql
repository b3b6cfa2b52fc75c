-- Takes back the images of skipped rows that an undo, captured under this negative number, gave to other runs
-- (hand_on); the rows of those that it undid are locked. An heir that was undone has restored the row of before both:
-- what it would have to find is no longer there.
-- SECURITY DEFINER: nobody but the engine writes images; for runs on which the caller may act.
-- Errors: UW018; 55P03, where somebody is at work on the heir.
create or replace function unwind_internal.take_back_images(number bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_given record;
    v_heir unwind.workflow_runs;
    v_count bigint;
begin
    for v_given in
        select r.id, h.*
        from unwind_internal.restorable_runs as s
        inner join unwind.workflow_runs as r on r.number = s.run
        inner join unwind_internal.handed_on as h on h.run = r.number
        where s.undone_with = - take_back_images.number and unwind_internal.may_act(r.started_by)
        order by r.id, h.heir, h.log_name
    loop
        select w.* into v_heir from unwind.workflow_runs as w where w.number = v_given.heir for key share skip locked;
        if not found and exists (select from unwind.workflow_runs as w where w.number = v_given.heir) then
            raise 'somebody is at work on a run to which images of run % went', quote_literal(v_given.id)
            using errcode = 'lock_not_available',
                detail = 'Its undo skipped rows that the other run had changed.',
                hint = 'Try again.';
        end if;
        execute format(
            'update unwind_captured.%I as l set "~run" = $1, "~from" = trim_array(l."~from", 1) '
            'where l."~run" = $2 and l."~from"[cardinality(l."~from")] = $1', v_given.log_name
        ) using v_given.run, v_given.heir;
        get diagnostics v_count = row_count;
        if v_count <> v_given.images or v_heir.status = 'COMPENSATED' then
            perform unwind_internal.raise_not_restorable(
                v_given.id, format(
                    'It skipped rows that run %s had changed, which is undone or forgotten meanwhile.',
                    coalesce(quote_literal(v_heir.id), 'number ' || v_given.heir)
                )
            );
        end if;
        delete from unwind_internal.handed_on as h
        where h.run = v_given.run and h.log_name = v_given.log_name and h.heir = v_given.heir;
    end loop;
end
$$;
