-- Share arrivals among schedule lines, judge the lines as of a day, count.
-- In: terms, arrived, taken_back, settings. Out: shares, judged, totals.
CREATE TEMP MACRO escaped(code) AS replace(replace(code, '%', '%25'), '|', '%7C');

CREATE TEMP TABLE own AS -- place NULL: for whichever line of the pool needs it
SELECT a.po, a.grp, a.unit, t.place, a.id, a.qty, a.on_day, 'in' AS way
FROM arrived a LEFT JOIN terms t ON t.po = a.po AND t.grp = a.grp AND t.unit = a.unit
     AND (t.sched = a.sched OR (t.pool_lines = 1 AND a.sched IS NULL))
WHERE t.place IS NOT NULL OR a.sched IS NULL
UNION ALL
SELECT b.po, b.grp, b.unit, t.place, NULL, b.qty, NULL, 'back'
FROM taken_back b LEFT JOIN terms t ON t.po = b.po AND t.grp = b.grp AND t.unit = b.unit
     AND (t.sched = b.sched OR (t.pool_lines = 1 AND b.sched IS NULL))
WHERE t.place IS NOT NULL OR b.sched IS NULL;

CREATE TEMP TABLE sums AS
SELECT po, grp, unit, place,
       coalesce(sum(qty) FILTER (way = 'in'), 0) AS came,
       greatest(coalesce(sum(qty) FILTER (way = 'back'), 0), 0) AS back
FROM own GROUP BY ALL;

CREATE TEMP TABLE kept AS -- the latest go back first, so the earliest are kept
SELECT o.po, o.grp, o.unit, o.place, o.id, o.on_day,
       least(o.qty, greatest(0, s.came - s.back - coalesce(sum(o.qty) OVER (
           PARTITION BY o.po, o.grp, o.unit, o.place ORDER BY o.on_day, o.id
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS qty
FROM own o JOIN sums s ON s.po = o.po AND s.grp = o.grp AND s.unit = o.unit AND s.place IS NOT DISTINCT FROM o.place
WHERE o.way = 'in';

CREATE TEMP TABLE shares AS
WITH open_lines AS (
    SELECT t.po, t.grp, t.unit, t.place, t.pool_lines, greatest(0, t.qty - coalesce(
        (SELECT sum(k.qty) FROM kept k WHERE k.po = t.po AND k.grp = t.grp AND k.unit = t.unit AND k.place = t.place), 0)) AS room
    FROM terms t
),
slots AS (
    SELECT *, coalesce(sum(room) OVER before, 0) AS lo,
           CASE WHEN place = pool_lines THEN 1e17::DECIMAL(38, 6) ELSE coalesce(sum(room) OVER before, 0) + room END AS hi
    FROM open_lines
    WINDOW before AS (PARTITION BY po, grp, unit ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
pooled AS (
    SELECT *, sum(qty) OVER (PARTITION BY po, grp, unit ORDER BY on_day, id) AS hi FROM kept WHERE place IS NULL
)
SELECT po, grp, unit, place, id, on_day, qty FROM kept WHERE place IS NOT NULL AND qty > 0
UNION ALL
SELECT s.po, s.grp, s.unit, s.place, p.id, p.on_day, least(p.hi, s.hi) - greatest(p.hi - p.qty, s.lo) AS qty
FROM pooled p JOIN slots s ON s.po = p.po AND s.grp = p.grp AND s.unit = p.unit
WHERE least(p.hi, s.hi) > greatest(p.hi - p.qty, s.lo);

CREATE TEMP TABLE accepted AS -- shares less what is still owed back, by line and by pool
WITH net AS (
    SELECT t.po, t.grp, t.unit, t.place,
        greatest(0, coalesce((SELECT sum(qty) FROM shares s
            WHERE s.po = t.po AND s.grp = t.grp AND s.unit = t.unit AND s.place = t.place), 0)
          - coalesce((SELECT greatest(0, back - came) FROM sums d
            WHERE d.po = t.po AND d.grp = t.grp AND d.unit = t.unit AND d.place = t.place), 0)) AS qty,
        coalesce((SELECT greatest(0, back - came) FROM sums d
            WHERE d.po = t.po AND d.grp = t.grp AND d.unit = t.unit AND d.place IS NULL), 0) AS pool_debt
    FROM terms t
),
final AS (
    SELECT *, qty - least(qty, greatest(0, pool_debt - coalesce(sum(qty) OVER (
        PARTITION BY po, grp, unit ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS keep
    FROM net
)
SELECT s.po, s.grp, s.unit, s.place, s.on_day, s.id,
       least(s.qty, greatest(0, f.keep - coalesce(sum(s.qty) OVER (
           PARTITION BY s.po, s.grp, s.unit, s.place ORDER BY s.on_day, s.id
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS qty
FROM shares s JOIN final f USING (po, grp, unit, place);

CREATE TEMP TABLE measured AS
SELECT t.*,
    coalesce(sum(a.qty), 0) AS received,
    coalesce(sum(a.qty) FILTER (a.on_day <= t.window_to), 0) AS by_due,
    coalesce(sum(a.qty) FILTER (a.on_day BETWEEN t.window_from AND t.window_to), 0) AS in_window,
    coalesce(sum(a.qty) FILTER (a.on_day <= (SELECT as_of FROM settings)), 0) AS known,
    t.qty * (1 - (SELECT under_tol FROM settings)) AS enough,
    t.qty * (1 + (SELECT over_tol FROM settings)) AS too_much
FROM terms t LEFT JOIN accepted a ON a.po = t.po AND a.grp = t.grp AND a.unit = t.unit AND a.place = t.place AND a.qty > 0
GROUP BY ALL;

CREATE TEMP TABLE judged AS
WITH known AS (
    SELECT *,
        qty <= 0 OR (cancelled_by = 'buyer' AND (window_to IS NULL OR cancelled_on <= window_to)) IS TRUE AS is_withdrawn,
        known > 0 AND known >= enough AS is_complete,
        (window_to < (SELECT as_of FROM settings)) IS TRUE AS is_past
    FROM measured
),
due AS (SELECT *, is_past AND NOT is_withdrawn AS is_due FROM known)
SELECT *,
    is_due AND by_due >= enough AS is_not_late,
    is_due AND in_window >= enough AS is_in_window,
    is_due AND in_window >= enough AND by_due <= too_much AS is_in_full,
    is_due AND by_due < enough AND NOT is_complete AND cancelled_by IS NULL AS is_overdue,
    concat_ws('|', escaped(buyer), escaped(po_no),
        CASE WHEN grp LIKE 'line %' THEN escaped(grp[6:]) ELSE '' END,
        coalesce(escaped(sched), ''),
        CASE WHEN grp LIKE 'item %' THEN escaped(grp[6:]) ELSE '' END) AS line_id
FROM due;

CREATE TEMP TABLE totals AS
WITH by_period AS (
    SELECT *, unnest(CASE WHEN window_to IS NULL THEN ['all'] ELSE ['all', strftime(window_to, '%Y-%m')] END) AS period
    FROM judged
),
by_part AS (SELECT *, unnest(CASE WHEN item IS NULL THEN [NULL] ELSE [NULL, item] END) AS part FROM by_period),
counts AS (
    SELECT supplier, part, period,
        count(*) AS lines, count(*) FILTER (is_due) AS due, count(*) FILTER (is_not_late) AS not_late,
        count(*) FILTER (is_in_window) AS in_window, count(*) FILTER (is_in_full) AS in_full,
        count(*) FILTER (is_overdue) AS overdue, count(*) FILTER (window_to IS NULL) AS undated
    FROM by_part GROUP BY supplier, part, period
)
SELECT *,
    round(not_late / nullif(due, 0), 6) AS otd, round(in_window / nullif(due, 0), 6) AS otd_window,
    round(in_full / nullif(due, 0), 6) AS otif, round((lines - undated) / lines, 6) AS coverage
FROM counts;
