-- groups, members eq
-- reach: few
-- $1: "large"
-- $2: "u0000500"
-- $3: 100
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.matched AS total, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.revision, r.created_at, r.changed_at, l.matched, l.place
  FROM (SELECT m.id, count(*) OVER ()::int AS matched, row_number() OVER (ORDER BY id ASC) AS place
    FROM (SELECT r.id FROM read_groups r WHERE r.tenant_id = $1 AND r.generation = s.generation AND r.id IN (SELECT m.group_id FROM read_memberships m WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = $2)) m ORDER BY place LIMIT $3) l
  JOIN read_groups r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = l.id) r ON TRUE
ORDER BY r.place
-- plan
--   Sort
--     Left Nested Loop
--       Left Nested Loop
--         Result
--         Seq Scan on tenant_heads h
--       Left Nested Loop
--         Seq Scan on projection_generations g
--         Result
--           Nested Loop
--             Limit
--               Sort
--                 WindowAgg
--                   WindowAgg
--                     Result
--                       Nested Loop
--                         Index Only Scan by read_memberships_member_id on read_memberships m (tenant_id =, generation =, member_id =)
--                         Index Only Scan by read_groups_pkey on read_groups r_1 (tenant_id =, generation =, id =)
--             Index Scan by read_groups_pkey on read_groups r (tenant_id =, generation =, id =)
