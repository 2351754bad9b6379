-- Last writer wins: of each fact address the revision with the highest (sequence, id); retracted ones are gone.
-- In: log(body JSON). Out: facts.
CREATE TEMP TABLE facts AS
WITH revisions AS (
    SELECT
        body,
        (body->>'$.type') AS kind,
        (body->>'$.subject') AS subject,
        (body->>'$.factkey') AS factkey,
        (body->>'$.partitionkey') AS aggregate,
        (body->>'$.sequence') AS sequence,
        (body->>'$.id') AS id,
        (body->>'$.recordedtime')::TIMESTAMP AS recorded,
        regexp_replace(coalesce(
            CASE WHEN (body->>'$.type') = 'org.tierlink.record.retracted.v1'
                 THEN (body->>'$.data.retracted_type') END,
            (body->>'$.type')), '\.v[0-9]+$', '') AS family
    FROM log
),
newest AS (
    SELECT * FROM revisions
    QUALIFY row_number() OVER (
        PARTITION BY subject, family, factkey ORDER BY sequence DESC, id DESC, recorded ASC) = 1
)
SELECT
    *,
    regexp_extract(family, '^org\.tierlink\.(.*)$', 1) AS noun,
    row_number() OVER (ORDER BY recorded, sequence, id, subject, family, factkey) AS story
FROM newest
WHERE kind <> 'org.tierlink.record.retracted.v1';
