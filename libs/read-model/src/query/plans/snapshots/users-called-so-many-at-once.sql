-- users called so, many at once
-- reach: range
-- $1: "large"
-- $2: ["user500","user501","nobody"]
-- $3: ["x700","x701"]
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.active, r.revision, r.created_at, r.changed_at, row_number() OVER (ORDER BY r.id) AS place
  FROM (SELECT n.id FROM read_users n WHERE n.tenant_id = $1 AND n.generation = s.generation AND n.user_name = ANY ($2::text[])
    UNION SELECT e.id FROM read_users e WHERE e.tenant_id = $1 AND e.generation = s.generation AND e.external_id = ANY ($3::text[])) i
  JOIN read_users r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = i.id) r ON TRUE
ORDER BY r.place
-- plan
--   Sort
--     Left Nested Loop
--       Left Nested Loop
--         Left Nested Loop
--           Result
--           Seq Scan on tenant_heads h
--         Seq Scan on projection_generations g
--       WindowAgg
--         Result
--           Nested Loop
--             Unique
--               Sort
--                 Append
--                   Result
--                     Index Only Scan by read_users_user_name on read_users n (tenant_id =, generation =, user_name =)
--                   Result
--                     Index Only Scan by read_users_external_id on read_users e (tenant_id =, generation =, external_id =)
--             Index Scan by read_users_pkey on read_users r (tenant_id =, generation =, id =)
