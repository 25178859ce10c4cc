"""The queries of the dashboard over the ledger. `reporting.dashboard` says what they mean.

Each reads the movements of its period alone, by the index on `occurred_at`.
"""

# ruff: noqa: S608 - queries are put together from the constants of this module; values are parameters

_PLACES = """
    used_at AS MATERIALIZED (SELECT id FROM inventory_location WHERE kind = %(consumption)s),
    real AS MATERIALIZED (SELECT id FROM inventory_location WHERE kind = ANY(%(real)s))
"""
#: Into the gate 1, out of it -1.
_GATE = """((m.to_location_id IN (SELECT id FROM real))::int
    - (m.from_location_id IN (SELECT id FROM real))::int)"""
#: What was issued less what came back; a movement that was undone takes back what undid it. That a reversal
#: names something is said once more, so that only reversals are read for it.
_USED = """
    SELECT m.item_id, sum(sign * (m.quantity - coalesce(undone.quantity, 0))) AS quantity,
        sum(sign * (m.value - coalesce(undone.value, 0))) AS value
    FROM inventory_stockmovement m
    JOIN used_at ON used_at.id IN (m.to_location_id, m.from_location_id)
    CROSS JOIN LATERAL (SELECT CASE WHEN used_at.id = m.to_location_id THEN 1 ELSE -1 END AS sign) AS way
    LEFT JOIN inventory_stockmovement undone ON undone.reverses_id = m.id
        AND undone.reverses_id IS NOT NULL AND undone.occurred_at < %(until)s
    WHERE m.occurred_at >= {since} AND m.occurred_at < %(until)s AND m.reverses_id IS NULL
    GROUP BY m.item_id
"""
USED = f"""
    WITH {_PLACES}, used AS ({_USED.format(since="%(since)s")})
    SELECT i.id, i.sku, i.name, i.unit_id AS unit, u.quantity, u.value, sum(u.value) OVER () AS total
    FROM used u JOIN inventory_item i ON i.id = u.item_id
    ORDER BY u.value DESC, i.id LIMIT %(most)s
"""
#: Today's value, less of what came in the period the part of it at which it was not yet there.
AVERAGE_STOCK_VALUE = f"""
    WITH {_PLACES}
    SELECT coalesce((SELECT sum(value) FROM inventory_itemvaluation), 0) - coalesce((
        SELECT sum({_GATE} * m.value * least(1, extract(epoch FROM m.occurred_at - %(since)s::timestamptz)
            / extract(epoch FROM %(until)s::timestamptz - %(since)s::timestamptz)))
        FROM inventory_stockmovement m WHERE m.occurred_at >= %(since)s
    ), 0) AS value
"""
#: Stretches of each item's time between two movements, and what was on hand in each.
AVAILABILITY = f"""
    WITH {_PLACES}, used AS ({_USED.format(since="%(used_since)s")}), moved AS (
        SELECT m.item_id, m.occurred_at AS moment, sum({_GATE} * m.quantity) AS quantity
        FROM inventory_stockmovement m WHERE m.occurred_at >= %(since)s
        GROUP BY m.item_id, m.occurred_at
    ), began AS (
        SELECT v.item_id, %(since)s::timestamptz AS moment,
            v.quantity - coalesce(sum(m.quantity), 0) AS quantity
        FROM inventory_itemvaluation v
        JOIN inventory_item i ON i.id = v.item_id AND i.is_active
        LEFT JOIN moved m ON m.item_id = v.item_id
        GROUP BY v.item_id
    ), stretches AS (
        SELECT item_id, is_counted, sum(quantity) OVER timed AS on_hand,
            greatest(extract(epoch FROM lead(moment, 1, %(until)s) OVER timed - moment), 0) AS seconds
        FROM (
            SELECT item_id, moment, quantity, quantity <> 0 OR EXISTS (
                SELECT FROM inventory_stockmovement m
                WHERE m.item_id = began.item_id AND m.occurred_at < %(since)s
            ) AS is_counted FROM began
            UNION ALL
            SELECT item_id, moment, quantity, true FROM moved
            WHERE item_id IN (SELECT item_id FROM began)
        ) AS points
        WINDOW timed AS (PARTITION BY item_id ORDER BY moment)
    ), items AS (
        SELECT item_id, sum(seconds) AS counted, coalesce(sum(seconds) FILTER (WHERE on_hand <= 0), 0) AS out
        FROM stretches WHERE is_counted GROUP BY item_id
    )
    SELECT sum(i.counted) AS counted, sum(i.out) AS out,
        sum(greatest(u.value, 0) * i.counted) AS demand, sum(greatest(u.value, 0) * i.out) AS lost
    FROM items i LEFT JOIN used u ON u.item_id = i.item_id
"""
MOVEMENTS_BY_DAY = f"""
    WITH {_PLACES}
    SELECT (m.occurred_at AT TIME ZONE %(zone)s)::date AS day,
        count(*) FILTER (WHERE {_GATE} = 1) AS came, count(*) FILTER (WHERE {_GATE} = -1) AS went,
        coalesce(sum(m.value) FILTER (WHERE {_GATE} = 1), 0) AS value_in,
        coalesce(sum(m.value) FILTER (WHERE {_GATE} = -1), 0) AS value_out
    FROM inventory_stockmovement m WHERE m.occurred_at >= %(since)s
    GROUP BY day
"""
