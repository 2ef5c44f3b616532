-- users, indexed costCenter ge and lt
-- reach: range
-- $1: "large"
-- $2: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"
-- $3: "cc500"
-- $4: "cc501"
-- $5: 0
-- $6: 100
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.matched AS total, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (WITH matched AS MATERIALIZED (SELECT r.id FROM read_users r WHERE r.tenant_id = $1 AND r.generation = s.generation AND (r.id IN (SELECT v.resource_id FROM read_values v WHERE v.tenant_id = $1 AND v.generation = s.generation AND v.path = $2 AND v.folded >= $3 AND v.folded < $4)))
SELECT c.matched, p.* FROM (SELECT count(*)::int AS matched FROM matched) c LEFT JOIN (SELECT r.id, r.attributes, r.active, r.revision, r.created_at, r.changed_at, (SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName') ORDER BY g.id)
FROM read_memberships m JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = m.group_id
WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = r.id) AS groups, (SELECT b.attributes ->> 'displayName' FROM read_users b WHERE b.tenant_id = $1 AND b.generation = s.generation
AND b.id = r.attributes #>> '{urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,manager,value}') AS manager_display_name, p.place
  FROM (SELECT i.id, row_number() OVER (ORDER BY id ASC) AS place FROM (SELECT * FROM matched ORDER BY id ASC OFFSET $5 LIMIT $6) i) p
  JOIN read_users r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = p.id) p ON TRUE) r ON TRUE
ORDER BY r.place
-- plan
--   Sort
--     Left Nested Loop
--       Left Nested Loop
--         Left Nested Loop
--           Result
--           Seq Scan on tenant_heads h
--         Seq Scan on projection_generations g
--       Left Nested Loop
--         CTE matched: Result
--           Nested Loop
--             Aggregate
--               Index Only Scan by read_values_folded on read_values v (tenant_id =, generation =, path =, folded >=, folded <)
--             Index Only Scan by read_users_pkey on read_users r_1 (tenant_id =, generation =, id =)
--         Aggregate
--           CTE Scan
--         Result
--           Nested Loop
--             WindowAgg
--               Limit
--                 Sort
--                   CTE Scan
--             Index Scan by read_users_pkey on read_users r (tenant_id =, generation =, id =)
--               SubPlan 2: Aggregate
--                 Result
--                   Nested Loop
--                     Index Only Scan by read_memberships_member_id on read_memberships m (tenant_id =, generation =, member_id =)
--                     Index Scan by read_groups_pkey on read_groups g_1 (tenant_id =, generation =, id =)
--               SubPlan 3: Result
--                 Index Scan by read_users_pkey on read_users b (tenant_id =, generation =, id =)
