-- Which schedule line each fact of an order is about.
-- In: facts. Out: order_facts, lines(po, grp, sched), concerning(po, grp, line_sched, order fact columns).
CREATE TEMP TABLE order_facts AS
SELECT
    aggregate AS po, story, id, recorded, (body->'$.data') AS data,
    CASE noun
        WHEN 'purchaseorder.line.placed' THEN 'placed'
        WHEN 'purchaseorder.line.promised' THEN 'promised'
        WHEN 'purchaseorder.line.changed' THEN 'changed'
        WHEN 'purchaseorder.line.cancelled' THEN 'cancelled'
        WHEN 'shipment.despatched' THEN 'despatched'
        WHEN 'shipment.status_changed' THEN 'status'
        WHEN 'goods.received' THEN 'received'
        WHEN 'goods.rejected' THEN 'rejected' END AS kind,
    (body->>'$.data.buyer') AS buyer,
    (body->>'$.data.po_no') AS po_no,
    (body->>'$.data.po_line') AS po_line,
    (body->>'$.data.sched_line') AS sched,
    (body->>'$.data.item.id') AS item,
    (body->>'$.data.supplier.id') AS supplier,
    (body->>'$.data.asserted_by') AS actor,
    (body->>'$.data.quantity.value')::DECIMAL(18, 6) AS qty,
    CASE WHEN (body->'$.data.quantity') IS NOT NULL
         THEN coalesce((body->>'$.data.quantity.unit'), 'H87') END AS unit,
    (body->>'$.data.shipment_id') AS shipment,
    (body->>'$.data.tracking_no') AS tracking
FROM facts
WHERE noun LIKE 'purchaseorder.%' OR noun LIKE 'shipment.%' OR noun LIKE 'goods.%';

CREATE TEMP TABLE group_items AS -- po, grp, item of every group
WITH numbered AS (
    SELECT po, 'line ' || po_line AS grp,
           arg_min(item, (actor <> 'buyer', sched IS NULL, -story)) FILTER (item IS NOT NULL) AS item
    FROM order_facts WHERE kind = 'placed' AND po_line IS NOT NULL GROUP BY ALL
),
by_item AS (
    SELECT DISTINCT p.po, 'item ' || p.item AS grp, p.item
    FROM order_facts p
    WHERE p.kind = 'placed' AND p.po_line IS NULL AND p.item IS NOT NULL
      AND NOT EXISTS (FROM numbered n WHERE n.po = p.po AND n.item = p.item)
),
every_group AS (FROM numbered UNION ALL FROM by_item)
FROM every_group
UNION ALL
SELECT DISTINCT po, 'order', NULL FROM order_facts p
WHERE kind = 'placed' AND po_line IS NULL AND item IS NULL AND NOT EXISTS (FROM every_group WHERE every_group.po = p.po);

CREATE TEMP TABLE homes AS -- fact (story) to group, where exactly one fits
SELECT f.story, any_value(g.grp) AS grp
FROM order_facts f
JOIN group_items g ON g.po = f.po AND CASE
    WHEN f.po_line IS NOT NULL THEN g.grp = 'line ' || f.po_line
    WHEN f.item IS NOT NULL THEN g.item = f.item
    ELSE TRUE END
GROUP BY f.story HAVING count(*) = 1;

CREATE TEMP TABLE named_lines AS
SELECT DISTINCT po, grp, sched FROM order_facts JOIN homes USING (story)
WHERE kind = 'placed' AND sched IS NOT NULL;

CREATE TEMP TABLE lines AS
SELECT *, count(*) OVER (PARTITION BY po, grp) AS siblings FROM (
    FROM named_lines
    UNION ALL
    SELECT po, grp, NULL FROM group_items g
    WHERE NOT EXISTS (FROM named_lines n WHERE n.po = g.po AND n.grp = g.grp)
);

CREATE TEMP TABLE matched AS -- sched becomes NULL where the group's only line has no name
SELECT f.* EXCLUDE (sched), h.grp, f.sched AS said_sched,
       CASE WHEN EXISTS (FROM named_lines n WHERE n.po = f.po AND n.grp = h.grp) THEN f.sched END AS sched
FROM order_facts f JOIN homes h USING (story)
WHERE f.sched IS NULL
   OR EXISTS (FROM named_lines n WHERE n.po = f.po AND n.grp = h.grp AND n.sched = f.sched)
   OR NOT EXISTS (FROM named_lines n WHERE n.po = f.po AND n.grp = h.grp);

CREATE TEMP TABLE concerning AS
SELECT m.* EXCLUDE (po, grp), m.po, m.grp, l.sched AS line_sched, l.siblings,
       m.sched IS NOT NULL OR l.siblings = 1 AS is_exact
FROM matched m JOIN lines l ON l.po = m.po AND l.grp = m.grp AND (m.sched IS NULL OR m.sched = l.sched);
