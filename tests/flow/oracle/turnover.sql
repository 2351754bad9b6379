-- Inventory turnover from one row per item and day: plain, slow and independent of the piecewise reckoning.
-- In: facts, settings. Out: turnover.
CREATE TEMP TABLE stock AS
WITH said AS (
    SELECT aggregate AS acc, story, noun = 'stock.counted' AS is_count,
        (body->>'$.data.holder.id') AS holder, coalesce((body->>'$.data.site'), 'main') AS site, (body->>'$.data.item.id') AS item,
        coalesce((body->>'$.data.counted_on'), (body->>'$.data.moved_on'))::DATE AS day,
        (body->>'$.data.quantity.value')::DECIMAL(18, 6) AS qty,
        coalesce((body->>'$.data.quantity.unit'), 'H87') AS unit,
        (body->>'$.data.direction') = 'out' AS is_out,
        coalesce((body->>'$.data.reason'), 'unknown') IN ('issue', 'sale', 'unknown') AS is_use,
        (body->>'$.data.unit_cost.amount')::DECIMAL(18, 6) AS cost,
        (body->>'$.data.unit_cost.currency') AS currency
    FROM facts WHERE noun IN ('stock.counted', 'stock.moved')
),
known AS (FROM said WHERE day <= (SELECT as_of FROM settings)),
votes AS (SELECT acc, unit, count(*) AS n, max((day, story)) FILTER (is_count) AS last_count FROM known GROUP BY ALL),
units AS (
    SELECT acc, unit, n FROM votes
    QUALIFY row_number() OVER (PARTITION BY acc ORDER BY last_count DESC NULLS LAST, n DESC, unit) = 1
)
SELECT k.*, count(*) OVER (PARTITION BY acc) < t.total AS is_mixed
FROM known k SEMI JOIN units USING (acc, unit)
JOIN (SELECT acc, count(*) AS total FROM known GROUP BY acc) t USING (acc);

CREATE TEMP TABLE stated AS -- what each day with facts says
SELECT acc, day,
    coalesce(sum(abs(qty)) FILTER (NOT is_count AND is_out = (qty < 0)), 0) AS moved_in,
    coalesce(sum(abs(qty)) FILTER (NOT is_count AND is_out <> (qty < 0)), 0) AS moved_out,
    coalesce(sum(abs(qty)) FILTER (NOT is_count AND is_use AND is_out <> (qty < 0)), 0) AS used,
    arg_max(qty, story) FILTER (is_count) AS counted,
    arg_max(cost, story) FILTER (cost > 0) AS cost,
    arg_max(currency, story) FILTER (cost > 0) AS currency
FROM stock GROUP BY ALL;

CREATE TEMP TABLE daily AS
WITH accounts AS (
    SELECT acc, any_value(holder) AS holder, any_value(site) AS site, any_value(item) AS item, min(day) AS first_day,
           any_value(unit) AS unit, bool_or(NOT is_count) AS has_movements, any_value(is_mixed) AS is_mixed
    FROM stock GROUP BY acc
),
days AS (
    SELECT a.*, unnest(generate_series(first_day, (SELECT as_of FROM settings), INTERVAL 1 DAY))::DATE AS day FROM accounts a
),
filled AS (
    SELECT d.*, s.* EXCLUDE (acc, day, moved_in, moved_out, used),
           coalesce(moved_in, 0) AS moved_in, coalesce(moved_out, 0) AS moved_out, coalesce(used, 0) AS used
    FROM days d LEFT JOIN stated s ON s.acc = d.acc AND s.day = d.day
),
running AS (
    SELECT *,
        last_value(counted - net IGNORE NULLS) OVER so_far AS anchor,
        first_value(counted - net IGNORE NULLS) OVER (PARTITION BY acc ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS first_anchor,
        last_value(cost IGNORE NULLS) OVER so_far AS known_cost
    FROM (SELECT *, sum(moved_in - moved_out) OVER (PARTITION BY acc ORDER BY day) AS net FROM filled)
    WINDOW so_far AS (PARTITION BY acc ORDER BY day)
),
balanced AS (
    SELECT *, net + coalesce(anchor, first_anchor, 0) AS balance,
           coalesce(first_anchor, 0) AS opening_of_all
    FROM running
),
stepped AS (
    SELECT *, coalesce(lag(balance) OVER (PARTITION BY acc ORDER BY day), opening_of_all) AS morning FROM balanced
)
SELECT acc, holder, site, item, unit, has_movements, is_mixed, day, balance, morning, known_cost, currency,
    CASE WHEN has_movements THEN moved_in ELSE greatest(0, balance - morning) END AS inflow,
    CASE WHEN has_movements THEN moved_out ELSE greatest(0, morning - balance) END AS outflow,
    CASE WHEN has_movements THEN used ELSE greatest(0, morning - balance) END AS consumed,
    CASE WHEN has_movements THEN balance - morning - moved_in + moved_out ELSE 0 END AS unexplained
FROM stepped;

CREATE TEMP TABLE turnover AS
WITH periods AS (SELECT *, unnest(['all', strftime(day, '%Y-%m')]) AS period FROM daily),
costing AS ( -- by value: a cost on every day, and one currency up to the period's end
    SELECT p.acc, p.period, min(c.currency) AS currency,
           count(DISTINCT c.currency) = 1 AND bool_and(p.is_costed) AS by_value
    FROM (SELECT acc, period, max(day) AS last_day, bool_and(known_cost IS NOT NULL) AS is_costed FROM periods GROUP BY ALL) p
    JOIN daily c ON c.acc = p.acc AND c.day <= p.last_day
    GROUP BY ALL
),
summed AS (
    SELECT acc, period, any_value(holder) AS holder, any_value(site) AS site, any_value(item) AS item,
        count(*) AS period_days,
        CASE WHEN by_value THEN 'value' ELSE 'quantity' END AS basis,
        any_value(CASE WHEN by_value THEN c.currency ELSE unit END) AS unit,
        arg_min(morning, day) AS opening, arg_max(balance, day) AS closing,
        sum(inflow) AS inflow, sum(outflow) AS outflow, sum(unexplained) AS unexplained,
        sum(consumed::DECIMAL(18, 6) * CASE WHEN by_value THEN known_cost ELSE 1 END::DECIMAL(18, 6)) AS flow,
        sum(balance::DECIMAL(18, 6) * CASE WHEN by_value THEN known_cost ELSE 1 END::DECIMAL(18, 6)) AS balance_days,
        min(balance) AS lowest, any_value(has_movements) AS has_movements, any_value(is_mixed) AS is_mixed
    FROM periods JOIN costing c USING (acc, period) GROUP BY acc, period, by_value
)
SELECT * EXCLUDE (acc, balance_days, lowest, has_movements, is_mixed),
    round(balance_days::DOUBLE / period_days, 6) AS average_balance,
    CASE WHEN balance_days > 0 THEN round(flow::DOUBLE * 365 / balance_days::DOUBLE, 6) END AS turns,
    CASE WHEN balance_days > 0 AND flow > 0 THEN round(balance_days::DOUBLE / flow::DOUBLE, 6) END AS turnover_days,
    nullif(concat_ws(',',
        CASE WHEN lowest < 0 OR balance_days < 0 THEN 'negative_stock' END,
        CASE WHEN balance_days = 0 THEN 'no_stock' END,
        CASE WHEN flow = 0 THEN 'no_movement' END,
        CASE WHEN NOT has_movements THEN 'from_counts' END,
        CASE WHEN is_mixed THEN 'mixed_units' END), '') AS note
FROM summed;
