-- groups, after a place
-- reach: range
-- $1: "large"
-- $2: 100
-- $3: 101
-- $4: "g20"
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, s.groups_total AS total, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.revision, r.created_at, r.changed_at, p.place, p.sort_key, p.more
  FROM (SELECT i.id, row_number() OVER (ORDER BY id ASC) AS place, NULL::text AS sort_key, count(*) OVER () > $2::int AS more FROM (SELECT * FROM (SELECT r.id FROM read_groups r WHERE r.tenant_id = $1 AND r.generation = s.generation) AS l WHERE id > $4 ORDER BY id ASC LIMIT $3) i) p
  JOIN read_groups r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = p.id WHERE p.place <= $2::int) r ON TRUE
ORDER BY r.place
-- plan
--   Sort
--     Left Nested Loop
--       Left Nested Loop
--         Left Nested Loop
--           Result
--           Seq Scan on tenant_heads h
--         Seq Scan on projection_generations g
--       Result
--         Nested Loop
--           WindowAgg
--             WindowAgg
--               Limit
--                 Result
--                   Index Only Scan by read_groups_pkey on read_groups r_1 (tenant_id =, generation =, id >)
--           Memoize
--             Index Scan by read_groups_pkey on read_groups r (tenant_id =, id =)
