"""The queries of the report on stock. `reporting.stock_report` says what they mean."""

# ruff: noqa: S608 - queries are put together from the constants of this module; values are parameters

#: Days since stock came: from, and up to and with.
AGES: tuple[tuple[int, int | None], ...] = ((0, 30), (31, 90), (91, 180), (181, 365), (366, None))


def of_places(standing: str, query: str) -> str:
    """Return a query of what stands where (`stock_history.stock`)."""
    return f"WITH standing AS ({standing}) {query}"


def of_items(whole: str, query: str) -> str:
    """Return a query of items over all locations (`stock_history.stock_of_items`)."""
    return f"WITH whole AS ({whole}), {_WHOLE}, {_OUTSIDE} {query}"


def of_items_at(standing: str, query: str) -> str:
    """Return a query of items at the locations asked for, beside what there is of them over all."""
    return f"WITH standing AS ({standing}), {_PLACED}, {_OUTSIDE} {query}"


#: Of each item: what is here, and what there is over all.
_WHOLE = """
    held AS MATERIALIZED (SELECT item_id, quantity AS over_all, quantity, value FROM whole)
"""
_PLACED = """
    held AS MATERIALIZED (
        SELECT item_id, sum(quantity) AS over_all,
            coalesce(sum(quantity) FILTER (WHERE location_id = ANY(%(locations)s)), 0) AS quantity,
            coalesce(sum(value) FILTER (WHERE location_id = ANY(%(locations)s)), 0) AS value
        FROM standing GROUP BY item_id
    )
"""
_OUTSIDE = """
    outside AS (SELECT id, kind FROM inventory_location WHERE kind <> ALL(%(real)s))
"""
SUMS = """
    SELECT grouping(i.category_id, s.location_id) = 3 AS is_total,
        grouping(i.category_id) = 1 AS is_of_location,
        i.category_id, max(c.slug) AS category_slug, max(c.name) AS category_name,
        s.location_id, max(l.code) AS location_code, max(l.name) AS location_name,
        count(DISTINCT s.item_id) FILTER (WHERE s.quantity <> 0) AS items,
        sum(s.quantity) AS quantity, sum(s.value) AS value
    FROM standing s
    JOIN inventory_item i ON i.id = s.item_id
    LEFT JOIN inventory_category c ON c.id = i.category_id
    LEFT JOIN inventory_location l ON l.id = s.location_id
    WHERE %(locations)s::bigint[] IS NULL OR s.location_id = ANY(%(locations)s)
    GROUP BY GROUPING SETS ((), (i.category_id), (s.location_id))
    ORDER BY value DESC NULLS LAST, category_name, location_code
"""
LOW = """
    SELECT i.id, i.sku, i.name, i.unit_id AS unit, i.reorder_level, i.reorder_quantity, stands.quantity,
        stands.available, count(*) OVER () AS of_all
    FROM inventory_item i
    JOIN inventory_itemvaluation v ON v.item_id = i.id
    LEFT JOIN held h ON h.item_id = i.id
    CROSS JOIN LATERAL (
        SELECT coalesce(h.over_all, 0) AS quantity,
            coalesce(h.over_all, 0) - CASE WHEN %(is_now)s THEN v.reserved ELSE 0 END AS available
    ) AS stands
    WHERE i.is_active AND i.reorder_level > 0 AND stands.available <= i.reorder_level
        AND (%(categories)s::bigint[] IS NULL OR i.category_id = ANY(%(categories)s))
        AND (%(locations)s::bigint[] IS NULL OR i.location_id = ANY(%(locations)s) OR h.quantity <> 0)
    ORDER BY stands.available / i.reorder_level, i.name, i.id
    LIMIT %(most)s
"""
#: Movements with what took them back by then. That a reversal names something is said once more, so that
#: only reversals are read for it.
_STANDING_MOVEMENTS = """
    inventory_stockmovement m
    LEFT JOIN inventory_stockmovement undone
        ON undone.reverses_id = m.id AND undone.reverses_id IS NOT NULL
        AND undone.occurred_at <= %(until)s AND undone.posted_at <= %(known)s
"""
_ISSUED = f"""
    SELECT {{what}} FROM {_STANDING_MOVEMENTS}
    WHERE {{which}} AND m.occurred_at <= %(until)s AND m.posted_at <= %(known)s
        AND m.reverses_id IS NULL AND undone.id IS NULL
        AND m.to_location_id IN (SELECT id FROM outside WHERE kind = 'consumption')
"""
_LATELY_ISSUED = _ISSUED.format(what="m.item_id", which="m.occurred_at >= %(quiet_since)s")
_LAST_ISSUED = _ISSUED.format(what="max(m.occurred_at)", which="m.item_id = d.item_id")
DEAD = f"""
    , dead AS (
        SELECT h.item_id, h.quantity, h.value,
            count(*) OVER () AS of_all, sum(h.value) OVER () AS value_of_all
        FROM held h
        WHERE h.quantity > 0
            AND h.item_id NOT IN ({_LATELY_ISSUED})
            AND EXISTS (SELECT FROM inventory_stockmovement m
                WHERE m.item_id = h.item_id AND m.occurred_at < %(quiet_since)s AND m.posted_at <= %(known)s)
        ORDER BY h.value DESC, h.item_id LIMIT %(most)s
    )
    SELECT i.id, i.sku, i.name, i.unit_id AS unit, d.quantity, d.value, d.of_all, d.value_of_all,
        ({_LAST_ISSUED}) AS last_issued_at,
        (SELECT min(m.occurred_at) FROM inventory_stockmovement m
            WHERE m.item_id = d.item_id AND m.posted_at <= %(known)s) AS first_came_at
    FROM dead d JOIN inventory_item i ON i.id = d.item_id
    ORDER BY d.value DESC, i.id
"""
_CAME = ", ".join(
    f"sum(m.quantity) FILTER (WHERE m.occurred_at >= %(age_{number})s) AS upto_{number}"
    for number in range(len(AGES) - 1)
)
_UPTO = [f"least(coalesce(c.upto_{number}, 0), h.over_all)" for number in range(len(AGES) - 1)] + [
    "h.over_all"
]
_BUCKETS = ", ".join(
    f"""
        sum(round(h.quantity * {upto} / h.over_all, 4)) AS quantity_{number},
        sum(round(h.value * {upto} / h.over_all, %(decimals)s)) AS value_{number},
        count(*) FILTER (WHERE {upto} > {_UPTO[number - 1] if number else "0"}) AS items_{number}
    """
    for number, upto in enumerate(_UPTO)
)
AGEING = f"""
    , came AS (
        SELECT m.item_id, {_CAME} FROM {_STANDING_MOVEMENTS}
        WHERE m.occurred_at >= %(age_{len(AGES) - 2})s AND m.occurred_at <= %(until)s
            AND m.posted_at <= %(known)s AND m.reverses_id IS NULL AND undone.id IS NULL
            AND m.from_location_id IN (
                SELECT id FROM outside WHERE kind IN ('supplier', 'opening', 'adjustment'))
        GROUP BY m.item_id
    )
    SELECT {_BUCKETS} FROM held h LEFT JOIN came c USING (item_id)
    WHERE h.over_all > 0 AND h.quantity > 0
"""
ABC = f"""
    , used AS (
        SELECT m.item_id, sum(
            (m.value - coalesce(undone.value, 0)) * CASE WHEN o.id = m.to_location_id THEN 1 ELSE -1 END
        ) AS value
        FROM {_STANDING_MOVEMENTS}
        JOIN outside o ON o.kind = 'consumption' AND o.id IN (m.to_location_id, m.from_location_id)
        WHERE m.occurred_at >= %(used_since)s AND m.occurred_at <= %(until)s AND m.posted_at <= %(known)s
            AND m.reverses_id IS NULL
            AND (%(locations)s::bigint[] IS NULL
                OR m.from_location_id = ANY(%(locations)s) OR m.to_location_id = ANY(%(locations)s))
            AND (%(categories)s::bigint[] IS NULL OR m.item_id IN (
                SELECT id FROM inventory_item WHERE category_id = ANY(%(categories)s)))
        GROUP BY m.item_id
    ), ranked AS (
        SELECT used, value, sum(used) OVER () AS total,
            sum(used) OVER (ORDER BY used DESC, item_id) - used AS before
        FROM (
            SELECT item_id, greatest(coalesce(u.value, 0), 0) AS used, coalesce(h.value, 0) AS value
            FROM (SELECT * FROM held WHERE quantity <> 0) AS h FULL JOIN used u USING (item_id)
        ) AS items
    )
    SELECT CASE WHEN used = 0 THEN 'C' WHEN before * 100 < %(a_up_to)s * total THEN 'A'
            WHEN before * 100 < %(b_up_to)s * total THEN 'B' ELSE 'C' END AS importance,
        count(*) AS items, sum(used) AS used, sum(value) AS value
    FROM ranked GROUP BY importance
"""
