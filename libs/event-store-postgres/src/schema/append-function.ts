/**
 * Appends a batch of requests in one round trip. Order of locks: the heads of all tenants concerned, by tenant, and nothing else. A head is held
 * until commit by every append of its tenant, so what is read after that lock, in a new snapshot, cannot change before the commit: no other
 * lock is needed, no deadlock is possible, and sequence order is commit order without gaps (docs/adr/0003-append-lock-order.md). Needs READ
 * COMMITTED, which sessions of the service role ask for.
 *
 * p_writes   [{"r": request, "t": tenant, "s": stream, "x": expected revision or -1 for none or -2 for any, "c": closes}], no stream twice
 * p_guards   [{"r": request, "t": tenant, "s": stream}]
 * p_events   [{"id", "type", "v", "data", "meta", "time"}] and, beside it, p_write_of: the 1-based write each belongs to, ascending
 * p_keys     [{"r": request, "t": tenant, "s": subject, "k": wrapped key in hex, "v": tenant key version}]
 * p_edges    null, or what apply_edges takes
 *
 * Returns {"conflicts": [[is guard, index, actual revision or null]], "appended": [[write, last revision, last sequence]]}. A request with a
 * conflict has written nothing; the others have.
 */
export const APPEND_FUNCTION = `
CREATE FUNCTION append_events(
  p_tenants text[], p_writes json, p_guards json, p_events json, p_write_of int[], p_keys json, p_edges json
) RETURNS json LANGUAGE plpgsql
-- Plans are kept per connection, some made while the tables were empty: they must never scan a table.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $function$
DECLARE
  v_result json;
  v_sequences bigint[];
  v_refused int[];
BEGIN
  PERFORM set_config('app.tenant_id', array_to_string(p_tenants, ','), true);

  INSERT INTO tenant_heads (tenant_id, sequence)
    SELECT tenant_id, 0 FROM unnest(p_tenants) AS t (tenant_id) ORDER BY tenant_id
    ON CONFLICT DO NOTHING;
  PERFORM FROM tenant_heads WHERE tenant_id = ANY (p_tenants) ORDER BY tenant_id FOR NO KEY UPDATE;

  WITH
  writes AS MATERIALIZED (
    SELECT w.r AS request, w.n AS write, w.t AS tenant_id, w.s AS stream_name, w.x AS expected, w.c AS closes, now.revision
    FROM ROWS FROM (json_to_recordset(p_writes) AS (r int, t text, s text, x int, c boolean))
         WITH ORDINALITY AS w (r, t, s, x, c, n)
    LEFT JOIN LATERAL (
      SELECT s.revision FROM streams s WHERE s.tenant_id = w.t AND s.stream_name = w.s LIMIT 1
    ) AS now ON true
  ),
  conflicts AS MATERIALIZED (
    SELECT request, false AS is_guard, write AS index, revision AS actual FROM writes
    WHERE expected <> -2 AND expected <> coalesce(revision, -1)
    UNION ALL
    SELECT g.r, true, g.n, now.revision
    FROM ROWS FROM (json_to_recordset(p_guards) AS (r int, t text, s text)) WITH ORDINALITY AS g (r, t, s, n)
    LEFT JOIN LATERAL (
      SELECT s.revision, s.open FROM streams s WHERE s.tenant_id = g.t AND s.stream_name = g.s LIMIT 1
    ) AS now ON true
    WHERE now.open IS NOT TRUE
  ),
  accepted AS MATERIALIZED (
    SELECT * FROM writes WHERE request NOT IN (SELECT request FROM conflicts)
  ),
  heads AS MATERIALIZED (
    SELECT tenant_id, sequence FROM tenant_heads WHERE tenant_id = ANY (p_tenants)
  ),
  numbered AS MATERIALIZED (
    SELECT a.write, e.n, a.tenant_id, a.stream_name, a.closes, a.revision AS before, e.id, e.type, e.v, e.data, e.meta, e.time,
      coalesce(a.revision, -1) + row_number() OVER (PARTITION BY a.write ORDER BY e.n) AS revision,
      h.sequence + row_number() OVER (PARTITION BY a.tenant_id ORDER BY e.n) AS sequence
    FROM ROWS FROM (
      unnest(p_write_of),
      json_to_recordset(p_events) AS (id uuid, type text, v int, data json, meta json, "time" timestamptz)
    ) WITH ORDINALITY AS e (write, id, type, v, data, meta, "time", n)
    JOIN accepted a ON a.write = e.write
    JOIN heads h ON h.tenant_id = a.tenant_id
  ),
  inserted AS (
    INSERT INTO events (tenant_id, sequence, stream_name, revision, id, type, schema_version, data, metadata, time)
    SELECT tenant_id, sequence, stream_name, revision, id, type, v, data, meta, time FROM numbered
  ),
  appended AS MATERIALIZED (
    SELECT write, tenant_id, stream_name, before, bool_or(closes) AS closes, max(revision) AS revision, max(sequence) AS sequence
    FROM numbered GROUP BY write, tenant_id, stream_name, before
  ),
  created AS (
    INSERT INTO streams (tenant_id, stream_name, revision, open)
    SELECT tenant_id, stream_name, revision, NOT closes FROM appended WHERE before IS NULL
  ),
  moved AS (
    INSERT INTO streams AS s (tenant_id, stream_name, revision, open)
    SELECT tenant_id, stream_name, revision, NOT closes FROM appended WHERE before IS NOT NULL
    ON CONFLICT (tenant_id, stream_name) DO UPDATE SET revision = excluded.revision, open = s.open AND excluded.open
  ),
  counted AS (
    UPDATE tenant_heads h SET sequence = a.sequence
    FROM (SELECT tenant_id, max(sequence) AS sequence FROM appended GROUP BY tenant_id) AS a
    WHERE h.tenant_id = a.tenant_id AND h.tenant_id = ANY (p_tenants)
  )
  SELECT
    json_build_object(
      'conflicts', coalesce((SELECT json_agg(json_build_array(is_guard, index, actual)) FROM conflicts), '[]'),
      'appended', coalesce((SELECT json_agg(json_build_array(write, revision, sequence)) FROM appended), '[]')
    ),
    (SELECT array_agg(request) FROM conflicts),
    CASE WHEN p_edges IS NOT NULL THEN (
      SELECT array_agg(coalesce(n.sequence, 0) ORDER BY e.n)
      FROM generate_series(1, cardinality(p_write_of)) AS e (n) LEFT JOIN numbered n ON n.n = e.n
    ) END
  INTO v_result, v_refused, v_sequences;

  IF p_keys IS NOT NULL THEN
    INSERT INTO subject_keys (tenant_id, subject_id, wrapped_key, tenant_key_version)
    SELECT t, s, decode(k, 'hex'), v
    FROM json_to_recordset(p_keys) AS (r int, t text, s text, k text, v int)
    WHERE v_refused IS NULL OR r <> ALL (v_refused);
  END IF;
  IF p_edges IS NOT NULL THEN
    PERFORM apply_edges(p_edges, v_sequences);
  END IF;
  RETURN v_result;
END
$function$`;

/**
 * Brings the edge index in step with the events just written. `p_sequences` holds the sequence of each event of the batch, 0 where its request
 * was refused; `e` and `u` in the rows are 1-based places in it: the event that added, the event that removed.
 *
 * {"removed": [{"u", "t", "s", "o"}], "added": [{"e", "u" or null, "t", "s", "o", "k"}], "goneTargets": [{"e", "t", "o"}], "goneSources": [{"e", "t", "s"}]}
 *
 * Work is in the rows given and what they touch, never in the size of a source.
 */
export const APPLY_EDGES_FUNCTION = `
CREATE FUNCTION apply_edges(p_edges json, p_sequences bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
BEGIN
  WITH closed AS (
    DELETE FROM edges e
    USING json_to_recordset(p_edges->'removed') AS c (u int, t text, s text, o text)
    WHERE p_sequences[c.u] > 0 AND e.tenant_id = c.t AND e.source_id = c.s AND e.target_id = c.o
    RETURNING e.*, p_sequences[c.u] AS removed
  )
  INSERT INTO past_edges (tenant_id, source_id, target_id, target_kind, added, removed)
  SELECT tenant_id, source_id, target_id, target_kind, added, removed FROM closed;

  INSERT INTO past_edges (tenant_id, source_id, target_id, target_kind, added, removed)
  SELECT t, s, o, k, p_sequences[e], p_sequences[u]
  FROM json_to_recordset(p_edges->'added') AS a (e int, u int, t text, s text, o text, k text)
  WHERE u IS NOT NULL AND p_sequences[u] > 0;

  INSERT INTO edges (tenant_id, source_id, target_id, target_kind, added)
  SELECT t, s, o, k, p_sequences[e]
  FROM json_to_recordset(p_edges->'added') AS a (e int, u int, t text, s text, o text, k text)
  WHERE u IS NULL AND p_sequences[e] > 0
  ON CONFLICT DO NOTHING;

  INSERT INTO gone_sources (tenant_id, source_id, sequence)
  SELECT t, s, p_sequences[e] FROM json_to_recordset(p_edges->'goneSources') AS g (e int, t text, s text)
  WHERE p_sequences[e] > 0
  ON CONFLICT DO NOTHING;

  UPDATE edges e SET gone = true
  FROM json_to_recordset(p_edges->'goneTargets') AS g (e int, t text, o text)
  WHERE p_sequences[g.e] > 0 AND e.tenant_id = g.t AND e.target_id = g.o AND NOT e.gone;
END
$function$`;
