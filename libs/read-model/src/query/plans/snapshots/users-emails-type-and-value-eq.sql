-- users, emails type and value eq
-- reach: few
-- $1: "large"
-- $2: "work"
-- $3: "user500@example.com"
-- $4: 100
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.matched AS total, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.active, r.revision, r.created_at, r.changed_at, (SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName') ORDER BY g.id)
FROM read_memberships m JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = m.group_id
WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = r.id) AS groups, (SELECT b.attributes ->> 'displayName' FROM read_users b WHERE b.tenant_id = $1 AND b.generation = s.generation
AND b.id = r.attributes #>> '{urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,manager,value}') AS manager_display_name, l.matched, l.place
  FROM (SELECT m.id, count(*) OVER ()::int AS matched, row_number() OVER (ORDER BY id ASC) AS place
    FROM (SELECT r.id FROM read_users r WHERE r.tenant_id = $1 AND r.generation = s.generation AND r.id IN (SELECT e.user_id FROM read_emails e WHERE e.tenant_id = $1 AND e.generation = s.generation AND (e.type = $2 AND e.value = $3))) m ORDER BY place LIMIT $4) l
  JOIN read_users r ON r.tenant_id = $1 AND r.generation = s.generation AND r.id = l.id) r ON TRUE
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
--                     Sort
--                       Result
--                         Nested Loop
--                           Aggregate
--                             Index Scan by read_emails_value on read_emails e (tenant_id =, generation =, value =)
--                           Index Only Scan by read_users_pkey on read_users r_1 (tenant_id =, generation =, id =)
--             Index Scan by read_users_pkey on read_users r (tenant_id =, generation =, id =)
--               SubPlan 1: Aggregate
--                 Result
--                   Nested Loop
--                     Index Only Scan by read_memberships_member_id on read_memberships m (tenant_id =, generation =, member_id =)
--                     Index Scan by read_groups_pkey on read_groups g_1 (tenant_id =, generation =, id =)
--               SubPlan 2: Result
--                 Index Scan by read_users_pkey on read_users b (tenant_id =, generation =, id =)
