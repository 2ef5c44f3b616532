-- all types, after a place
-- reach: range
-- $1: "large"
-- $2: 100
-- $3: 101
-- $4: "u0006000"
-- $5: "u0006000"
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, s.users_total + s.groups_total AS total, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (WITH page AS MATERIALIZED (SELECT * FROM (SELECT i.kind, i.id, row_number() OVER (ORDER BY id ASC) AS place, NULL::text AS sort_key, count(*) OVER () > $2::int AS more FROM (SELECT * FROM ((SELECT * FROM (SELECT 'User' AS kind, r.id FROM read_users r WHERE r.tenant_id = $1 AND r.generation = s.generation) AS l WHERE id > $4 ORDER BY id ASC LIMIT $3) UNION ALL (SELECT * FROM (SELECT 'Group' AS kind, r.id FROM read_groups r WHERE r.tenant_id = $1 AND r.generation = s.generation) AS l WHERE id > $5 ORDER BY id ASC LIMIT $3)) t ORDER BY id ASC LIMIT $3) i) f WHERE f.place <= $2::int)
SELECT p.kind, p.place, p.sort_key, p.more, r.id, r.attributes, r.revision, r.created_at, r.changed_at, r.active, (SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName') ORDER BY g.id)
FROM read_memberships m JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = m.group_id
WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = r.id) AS groups, (SELECT b.attributes ->> 'displayName' FROM read_users b WHERE b.tenant_id = $1 AND b.generation = s.generation
AND b.id = r.attributes #>> '{urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,manager,value}') AS manager_display_name, NULL::json AS members
  FROM page p JOIN read_users r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = p.id WHERE p.kind = 'User'
UNION ALL
SELECT p.kind, p.place, p.sort_key, p.more, r.id, r.attributes, r.revision, r.created_at, r.changed_at, NULL::boolean, NULL::json, NULL::text, NULL::json
  FROM page p JOIN read_groups r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = p.id WHERE p.kind = 'Group') r ON TRUE
ORDER BY r.place
-- plan
--   Sort
--     Left Nested Loop
--       Left Nested Loop
--         Left Nested Loop
--           Result
--           Seq Scan on tenant_heads h
--         Seq Scan on projection_generations g
--       Append
--         CTE page: WindowAgg
--           WindowAgg
--             Subquery Scan
--               Limit
--                 Merge Append
--                   Limit
--                     Result
--                       Index Only Scan by read_users_pkey on read_users r_2 (tenant_id =, generation =, id >)
--                   Limit
--                     Result
--                       Index Only Scan by read_groups_pkey on read_groups r_3 (tenant_id =, generation =, id >)
--         Result
--           Nested Loop
--             CTE Scan
--             Index Scan by read_users_pkey on read_users r (tenant_id =, generation =, id =)
--           SubPlan 2: Aggregate
--             Result
--               Nested Loop
--                 Index Only Scan by read_memberships_member_id on read_memberships m (tenant_id =, generation =, member_id =)
--                 Index Scan by read_groups_pkey on read_groups g_1 (tenant_id =, generation =, id =)
--           SubPlan 3: Result
--             Index Scan by read_users_pkey on read_users b (tenant_id =, generation =, id =)
--         Result
--           Nested Loop
--             CTE Scan
--             Index Scan by read_groups_pkey on read_groups r_1 (tenant_id =, generation =, id =)
