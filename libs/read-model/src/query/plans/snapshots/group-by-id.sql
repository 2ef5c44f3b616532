-- group by id
-- reach: few
-- $1: "large"
-- $2: "g7"
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.revision, r.created_at, r.changed_at, (SELECT json_agg(json_build_object('id', m.member_id, 'kind', m.member_type, 'display', CASE m.member_type
  WHEN 'User' THEN (SELECT u.attributes ->> 'displayName' FROM read_users u WHERE u.tenant_id = $1 AND u.generation = s.generation AND u.id = m.member_id)
  ELSE (SELECT n.attributes ->> 'displayName' FROM read_groups n WHERE n.tenant_id = $1 AND n.generation = s.generation AND n.id = m.member_id) END)
  ORDER BY m.member_id)
FROM read_memberships m WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.group_id = r.id) AS members, 1 AS place FROM read_groups r WHERE r.tenant_id = $1 AND r.generation = s.generation AND r.id = $2) r ON TRUE
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
--         Index Scan by read_groups_pkey on read_groups r (tenant_id =, generation =, id =)
--           SubPlan 3: Aggregate
--             Result
--               Index Scan by read_memberships_pkey on read_memberships m (tenant_id =, generation =, group_id =)
--             SubPlan 1: Result
--               Index Scan by read_users_pkey on read_users u (tenant_id =, generation =, id =)
--             SubPlan 2: Result
--               Index Scan by read_groups_pkey on read_groups n (tenant_id =, generation =, id =)
