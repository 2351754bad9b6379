-- Terms and window of each schedule line.
-- In: concerning, lines, settings, holidays. Out: terms.
CREATE TEMP TABLE placed_terms AS
SELECT
    po, grp, line_sched,
    any_value(buyer) AS buyer, any_value(po_no) AS po_no,
    arg_min(supplier, pref) FILTER (supplier IS NOT NULL) AS supplier,
    arg_min(item, pref) FILTER (item IS NOT NULL) AS item,
    arg_min((data->>'$.requested_on')::DATE, pref) FILTER ((data->>'$.requested_on') IS NOT NULL) AS requested_on,
    arg_min(qty, pref) FILTER (is_exact) AS qty,
    arg_min(unit, pref) FILTER (is_exact) AS unit,
    arg_min(recorded, pref) FILTER (is_exact) AS qty_recorded
FROM (SELECT *, (actor <> 'buyer', sched IS NULL, -story) AS pref FROM concerning WHERE kind = 'placed')
GROUP BY ALL;

CREATE TEMP TABLE moves AS -- the buyer's newest change of the requested date
SELECT po, grp, line_sched, arg_max((data->>'$.requested_on')::DATE, story) AS moved_on, max_by(recorded, story) AS moved_at
FROM concerning
WHERE kind = 'changed' AND actor = 'buyer' AND (data->>'$.requested_on') IS NOT NULL
GROUP BY ALL;

CREATE TEMP TABLE baselines AS
WITH promises AS (
    SELECT c.po, c.grp, c.line_sched, (data->>'$.promised_on')::DATE AS promised_on,
           row_number() OVER (PARTITION BY c.po, c.grp, c.line_sched ORDER BY
               recorded, coalesce((data->>'$.stated_on')::DATE, DATE '9999-12-31'), story) AS rank
    FROM concerning c LEFT JOIN moves m
      ON m.po = c.po AND m.grp = c.grp AND m.line_sched IS NOT DISTINCT FROM c.line_sched
    WHERE kind = 'promised' AND (m.moved_at IS NULL OR c.recorded > m.moved_at)
)
SELECT p.*, coalesce(first.promised_on, m.moved_on, p.requested_on) AS baseline_on
FROM placed_terms p
LEFT JOIN moves m ON m.po = p.po AND m.grp = p.grp AND m.line_sched IS NOT DISTINCT FROM p.line_sched
LEFT JOIN promises first ON first.rank = 1 AND first.po = p.po AND first.grp = p.grp
      AND first.line_sched IS NOT DISTINCT FROM p.line_sched;

CREATE TEMP TABLE calendar AS
WITH days AS (
    SELECT unnest(generate_series(
        (SELECT min(baseline_on) FROM baselines) - (SELECT early_days FROM settings) * 8 - 60,
        (SELECT max(baseline_on) FROM baselines) + (SELECT late_days FROM settings) * 8 + 60,
        INTERVAL 1 DAY))::DATE AS day
),
marked AS (
    SELECT day, list_contains((SELECT weekdays FROM settings), isodow(day))
                AND day NOT IN (SELECT day FROM holidays) AS works
    FROM days
)
SELECT day, works, count(*) FILTER (works) OVER (ORDER BY day) AS number FROM marked;

CREATE TEMP TABLE due_windows AS
SELECT b.*,
    CASE WHEN s.late_days = 0 THEN b.baseline_on
         ELSE (SELECT day FROM calendar c WHERE c.works AND c.number = k.number + s.late_days) END AS window_to,
    CASE WHEN s.early_days = 0 THEN b.baseline_on
         ELSE (SELECT day FROM calendar c WHERE c.works
               AND c.number = k.number - k.works::INT - s.early_days + 1) END AS window_from
FROM baselines b CROSS JOIN settings s LEFT JOIN calendar k ON k.day = b.baseline_on;

CREATE TEMP TABLE terms AS
WITH changes AS ( -- the newest change of quantity that still counts
    SELECT c.po, c.grp, c.line_sched, arg_max(c.qty, c.story) AS qty
    FROM concerning c JOIN due_windows w
      ON w.po = c.po AND w.grp = c.grp AND w.line_sched IS NOT DISTINCT FROM c.line_sched
    WHERE c.kind = 'changed' AND c.actor = 'buyer' AND c.qty IS NOT NULL AND c.is_exact AND c.unit = w.unit
      AND c.recorded >= w.qty_recorded
      AND (w.window_to IS NULL OR coalesce((c.data->>'$.changed_on')::DATE, c.recorded::DATE) <= w.window_to)
    GROUP BY ALL
),
cancels AS (
    SELECT po, grp, line_sched, arg_min(actor, rank) AS cancelled_by, min(effective_on) AS cancelled_on
    FROM (SELECT *, coalesce((data->>'$.cancelled_on')::DATE, recorded::DATE) AS effective_on,
                 (coalesce((data->>'$.cancelled_on')::DATE, recorded::DATE), story) AS rank
          FROM concerning WHERE kind = 'cancelled' AND actor <> 'carrier')
    GROUP BY ALL
),
named_by_others AS (
    SELECT po, grp, line_sched, arg_min(supplier, story) AS supplier
    FROM concerning WHERE supplier IS NOT NULL GROUP BY ALL
)
SELECT
    w.* REPLACE (coalesce(h.qty, w.qty) AS qty, coalesce(w.supplier, o.supplier, '(unknown)') AS supplier),
    x.cancelled_by, x.cancelled_on, w.line_sched AS sched,
    row_number() OVER pool AS place, count(*) OVER (PARTITION BY w.po, w.grp, w.unit) AS pool_lines
FROM due_windows w
LEFT JOIN changes h ON h.po = w.po AND h.grp = w.grp AND h.line_sched IS NOT DISTINCT FROM w.line_sched
LEFT JOIN cancels x ON x.po = w.po AND x.grp = w.grp AND x.line_sched IS NOT DISTINCT FROM w.line_sched
LEFT JOIN named_by_others o ON o.po = w.po AND o.grp = w.grp AND o.line_sched IS NOT DISTINCT FROM w.line_sched
WINDOW pool AS (PARTITION BY w.po, w.grp, w.unit ORDER BY w.baseline_on NULLS LAST, w.line_sched);
