-- user with all groups, nested too
-- reach: range
-- $1: "large"
-- $2: "u0000500"
SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, r.*
FROM (
  SELECT coalesce(h.sequence, 0) AS head, coalesce(g.sequence, 0) AS checkpoint,
    g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
  FROM (SELECT $1::text AS tenant_id) t
  LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id
  LEFT JOIN projection_generations g
    ON g.tenant_id = t.tenant_id AND g.projection = 'directory' AND g.status = 'live'
) s LEFT JOIN LATERAL (SELECT r.id, r.attributes, r.active, 1 AS place, (
    WITH RECURSIVE above AS (
      SELECT m.group_id, TRUE AS direct FROM read_memberships m JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = m.group_id
        WHERE m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = r.id
      UNION
      SELECT m.group_id, FALSE FROM above a
        JOIN read_memberships m ON m.tenant_id = $1 AND m.generation = s.generation AND m.member_id = a.group_id
        JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = m.group_id)
    SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName', 'direct', a.direct) ORDER BY g.id)
      FROM (SELECT group_id, bool_or(direct) AS direct FROM above GROUP BY group_id) a
      JOIN read_groups g ON g.tenant_id = $1 AND g.generation = s.generation AND g.id = a.group_id) AS groups
  FROM read_users r WHERE r.tenant_id = $1 AND r.generation = s.generation AND r.id = $2) r ON TRUE
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
--         Index Scan by read_users_pkey on read_users r (tenant_id =, generation =, id =)
--           SubPlan 2: Aggregate
--             CTE above: Recursive Union
--               Result
--                 Nested Loop
--                   Index Only Scan by read_memberships_member_id on read_memberships m (tenant_id =, generation =, member_id =)
--                   Index Only Scan by read_groups_pkey on read_groups g_1 (tenant_id =, generation =, id =)
--               Result
--                 Nested Loop
--                   Nested Loop
--                     WorkTable Scan
--                     Index Only Scan by read_memberships_member_id on read_memberships m_1 (tenant_id =, generation =, member_id =)
--                   Index Only Scan by read_groups_pkey on read_groups g_2 (tenant_id =, generation =, id =)
--             Sort
--               Result
--                 Nested Loop
--                   Aggregate
--                     CTE Scan
--                   Index Scan by read_groups_pkey on read_groups g_3 (tenant_id =, generation =, id =)
