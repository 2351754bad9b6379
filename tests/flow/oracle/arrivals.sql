-- When goods arrived, on the best word there is, by PO line and unit.
-- In: order_facts, matched, terms. Out: arrived, taken_back.
CREATE TEMP TABLE pools AS SELECT DISTINCT po, grp, unit FROM terms;

CREATE TEMP TABLE refs AS -- shipment and tracking numbers of every fact of an order, matched or not
SELECT po, story, kind, unnest([ref for ref in [shipment, tracking] if ref IS NOT NULL]) AS ref
FROM order_facts WHERE kind IN ('despatched', 'status');

CREATE TEMP TABLE delivered AS
SELECT story, po, qty, (data->>'$.status_on')::DATE AS on_day FROM order_facts
WHERE kind = 'status' AND (data->>'$.status') = 'delivered' AND actor <> 'supplier';

CREATE TEMP TABLE delivered_ref AS
SELECT r.po, r.ref, min(d.on_day) AS on_day
FROM refs r JOIN delivered d USING (story) WHERE d.qty IS NULL GROUP BY ALL;

CREATE TEMP TABLE booked AS -- the buyer's receipts
SELECT m.po, m.grp, m.unit, m.sched, m.id, m.qty, least(
    (m.data->>'$.received_on')::DATE,
    (SELECT min(d.on_day) FROM delivered_ref d WHERE d.po = m.po AND d.ref = m.shipment),
    (SELECT min(d.on_day) FROM delivered_ref d JOIN order_facts a
       ON a.po = d.po AND a.kind = 'despatched' AND d.ref = a.tracking
     WHERE a.po = m.po AND a.shipment = m.shipment)) AS on_day
FROM matched m SEMI JOIN pools USING (po, grp, unit)
WHERE kind = 'received' AND actor = 'buyer' AND qty <> 0;

CREATE TEMP TABLE sent AS -- despatch advices of the side that knows best
SELECT m.* FROM matched m SEMI JOIN pools USING (po, grp, unit)
WHERE kind = 'despatched' AND qty > 0
QUALIFY rank() OVER (PARTITION BY po, grp, unit ORDER BY
    CASE actor WHEN 'supplier' THEN 1 WHEN 'carrier' THEN 2 ELSE 3 END) = 1;

CREATE TEMP TABLE brought AS -- what carriers say was delivered
WITH own_quantity AS (
    SELECT m.po, m.grp, m.unit, m.sched, m.id, m.qty, d.on_day, m.story
    FROM matched m JOIN delivered d USING (story)
    SEMI JOIN pools p ON p.po = m.po AND p.grp = m.grp AND p.unit = m.unit
    WHERE m.qty > 0
),
counted AS (SELECT q.po, q.grp, q.unit, r.ref FROM own_quantity q JOIN refs r USING (story)),
loose AS ( -- about the PO line, under numbers no despatch advice has
    SELECT m.po, m.grp, min(d.on_day) AS on_day
    FROM matched m JOIN delivered d USING (story)
    WHERE m.qty IS NULL AND NOT EXISTS (
        FROM refs mine JOIN refs theirs ON theirs.po = mine.po AND theirs.ref = mine.ref AND theirs.kind = 'despatched'
        WHERE mine.story = m.story)
    GROUP BY ALL
),
parcels AS (
    SELECT po, grp, unit, count(DISTINCT coalesce('s ' || shipment, '-') || chr(31) || coalesce('t ' || tracking, '-')) AS n
    FROM sent GROUP BY ALL
)
SELECT po, grp, unit, sched, id, qty, on_day FROM own_quantity
UNION ALL
SELECT s.po, s.grp, s.unit, s.sched, s.id, s.qty,
       coalesce((SELECT min(d.on_day) FROM refs r JOIN delivered_ref d ON d.po = r.po AND d.ref = r.ref
                 WHERE r.story = s.story), l.on_day) AS arrived_on
FROM sent s
JOIN parcels p ON p.po = s.po AND p.grp = s.grp AND p.unit = s.unit
LEFT JOIN loose l ON l.po = s.po AND l.grp = s.grp AND p.n = 1
WHERE arrived_on IS NOT NULL
  AND NOT EXISTS (FROM counted c JOIN refs r ON r.ref = c.ref
                  WHERE r.story = s.story AND c.po = s.po AND c.grp = s.grp AND c.unit = s.unit);

CREATE TEMP TABLE claimed AS -- receipts by anyone else
SELECT po, grp, unit, sched, id, qty, (data->>'$.received_on')::DATE AS on_day
FROM matched SEMI JOIN pools USING (po, grp, unit)
WHERE kind = 'received' AND actor <> 'buyer' AND qty <> 0;

CREATE TEMP TABLE word AS
SELECT po, grp, unit, CASE
    WHEN EXISTS (FROM booked b WHERE b.po = p.po AND b.grp = p.grp AND b.unit = p.unit) THEN 'receipt'
    WHEN EXISTS (FROM brought b WHERE b.po = p.po AND b.grp = p.grp AND b.unit = p.unit) THEN 'carrier'
    ELSE 'supplier' END AS basis
FROM pools p;

CREATE TEMP TABLE arrived AS
SELECT b.* FROM booked b JOIN word w USING (po, grp, unit) WHERE basis = 'receipt' AND qty > 0
UNION ALL BY NAME
SELECT b.* FROM brought b JOIN word w USING (po, grp, unit) WHERE basis = 'carrier'
UNION ALL BY NAME
SELECT c.* FROM claimed c JOIN word w USING (po, grp, unit) WHERE basis = 'supplier' AND qty > 0;

CREATE TEMP TABLE taken_back AS
WITH rejected AS (
    SELECT m.po, m.grp, m.unit, m.sched, m.qty, m.actor,
           bool_or(actor = 'buyer') OVER (PARTITION BY m.po, m.grp, m.unit) AS buyer_says
    FROM matched m WHERE kind = 'rejected' AND qty <> 0
)
SELECT r.po, r.grp, r.unit, r.sched, r.qty FROM rejected r JOIN word w USING (po, grp, unit)
WHERE r.actor = 'buyer' OR (NOT r.buyer_says AND w.basis <> 'receipt')
UNION ALL
SELECT b.po, b.grp, b.unit, b.sched, -b.qty FROM booked b WHERE qty < 0
UNION ALL
SELECT c.po, c.grp, c.unit, c.sched, -c.qty FROM claimed c JOIN word w USING (po, grp, unit)
WHERE basis = 'supplier' AND qty < 0;
