-- For scripts that are of one workflow, or of all: then :workflow is empty.
\if :{?workflow}
    -- Raises UW008 where there is no such workflow: an empty list would be an all-clear.
    select unwind_internal.assert_workflow(:'workflow') as defined \gset
\else
    \set workflow ''
\endif
