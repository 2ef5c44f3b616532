import type { Migration, MigrationRunner } from '#postgres';

const PARAMETERS = `
  p_tenants text[],
  p_write_request int[], p_write_head int[], p_write_tenant text[], p_write_stream text[], p_write_expected int[],
  p_write_closes boolean[], p_write_events int[],
  p_guard_request int[], p_guard_tenant text[], p_guard_stream text[],
  p_event_write int[], p_event_place int[], p_event_id text[], p_event_type text[], p_event_version int[],
  p_event_data json[], p_event_metadata json[], p_event_time timestamptz[],
  p_key_request int[], p_key_tenant text[], p_key_subject text[], p_key_wrapped bytea[], p_key_version int[],
  p_edges json
`;

/**
 * Appends a batch of requests in one round trip, under the locks of docs/adr/0003-append-lock-order.md: the heads of all tenants concerned, by
 * tenant, and nothing else. What is read after that lock, in a new snapshot, cannot change before the commit. Needs READ COMMITTED, which
 * sessions of the service role ask for.
 *
 * A batch comes by columns. The server takes arrays apart, and checks the JSON in them, before it calls the function, thus before the lock: while
 * one batch writes, the next is being read. Under the lock there is no parsing left, and what is sorted or joined are writes, not events.
 *
 * p_tenants  the tenants of the batch, sorted
 * p_write_*  one a stream written, no stream twice: the request it belongs to, the place of its tenant in p_tenants, expected revision or -1 for
 *            none or -2 for any, whether it closes the stream, how many events
 * p_guard_*  one a stream that must be open
 * p_event_*  one an event: the 1-based write it belongs to and the 1-based place in that
 * p_key_*    one a new subject key
 * p_edges    null, or what apply_edges takes
 *
 * Returns {"conflicts": [[is guard, index, actual revision or null]]} and by column what was written: {"writes", "revisions", "sequences"}, of the
 * last event of each write. A request with a conflict has written nothing; the others have.
 */
const APPEND_BY_COLUMNS_FUNCTION = `
CREATE FUNCTION append_events(${PARAMETERS}) RETURNS json LANGUAGE plpgsql
-- Plans are kept per connection, some made while the tables were empty: they must never scan a table.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $function$
DECLARE
  v_heads bigint[]; -- the sequence of each of p_tenants
  v_result json;
  v_sequences bigint[];
  v_refused int[];
BEGIN
  PERFORM set_config('app.tenant_id', array_to_string(p_tenants, ','), true);

  INSERT INTO tenant_heads (tenant_id, sequence)
    SELECT tenant_id, 0 FROM unnest(p_tenants) AS t (tenant_id) ORDER BY tenant_id
    ON CONFLICT DO NOTHING;
  PERFORM FROM tenant_heads WHERE tenant_id = ANY (p_tenants) ORDER BY tenant_id FOR NO KEY UPDATE;

  SELECT array_agg(h.sequence ORDER BY t.place) INTO v_heads
  FROM unnest(p_tenants) WITH ORDINALITY AS t (tenant_id, place)
  CROSS JOIN LATERAL (SELECT sequence FROM tenant_heads WHERE tenant_heads.tenant_id = t.tenant_id LIMIT 1) AS h;

  WITH
  writes AS MATERIALIZED (
    SELECT w.*, now.revision
    FROM unnest(p_write_request, p_write_head, p_write_tenant, p_write_stream, p_write_expected, p_write_closes, p_write_events)
         WITH ORDINALITY AS w (request, head, tenant_id, stream_name, expected, closes, events, write)
    LEFT JOIN LATERAL (
      SELECT s.revision FROM streams s WHERE s.tenant_id = w.tenant_id AND s.stream_name = w.stream_name LIMIT 1
    ) AS now ON true
  ),
  conflicts AS MATERIALIZED (
    SELECT request, false AS is_guard, write AS index, revision AS actual FROM writes
    WHERE expected <> -2 AND expected <> coalesce(revision, -1)
    UNION ALL
    SELECT g.request, true, g.n, now.revision
    FROM unnest(p_guard_request, p_guard_tenant, p_guard_stream) WITH ORDINALITY AS g (request, tenant_id, stream_name, n)
    LEFT JOIN LATERAL (
      SELECT s.revision, s.open FROM streams s WHERE s.tenant_id = g.tenant_id AND s.stream_name = g.stream_name LIMIT 1
    ) AS now ON true
    WHERE now.open IS NOT TRUE
  ),
  -- Revision and sequence are those before the first event of the write.
  accepted AS MATERIALIZED (
    SELECT w.write, w.tenant_id, w.stream_name, w.closes, w.events,
      w.revision IS NULL AS is_new, coalesce(w.revision, -1) AS revision,
      v_heads[w.head] + sum(w.events) OVER (PARTITION BY w.head ORDER BY w.write) - w.events AS sequence
    FROM writes w WHERE w.request NOT IN (SELECT request FROM conflicts)
  ),
  inserted AS (
    INSERT INTO events (tenant_id, sequence, stream_name, revision, id, type, schema_version, data, metadata, time)
    SELECT a.tenant_id, a.sequence + e.place, a.stream_name, a.revision + e.place, e.id::uuid, e.type, e.version,
      e.data, e.metadata, e.time
    FROM unnest(p_event_write, p_event_place, p_event_id, p_event_type, p_event_version, p_event_data, p_event_metadata,
                p_event_time) AS e (write, place, id, type, version, data, metadata, time)
    JOIN accepted a ON a.write = e.write
  ),
  created AS (
    INSERT INTO streams (tenant_id, stream_name, revision, open)
    SELECT tenant_id, stream_name, revision + events, NOT closes FROM accepted WHERE is_new
  ),
  moved AS (
    INSERT INTO streams AS s (tenant_id, stream_name, revision, open)
    SELECT tenant_id, stream_name, revision + events, NOT closes FROM accepted WHERE NOT is_new
    ON CONFLICT (tenant_id, stream_name) DO UPDATE SET revision = excluded.revision, open = s.open AND excluded.open
  ),
  counted AS (
    UPDATE tenant_heads h SET sequence = a.sequence
    FROM (SELECT tenant_id, max(sequence + events) AS sequence FROM accepted GROUP BY tenant_id) AS a
    WHERE h.tenant_id = a.tenant_id AND h.tenant_id = ANY (p_tenants)
  )
  SELECT
    (SELECT json_build_object(
      'conflicts', coalesce((SELECT json_agg(json_build_array(is_guard, index, actual)) FROM conflicts), '[]'),
      'writes', array_agg(write), 'revisions', array_agg(revision + events), 'sequences', array_agg(sequence + events)
    ) FROM accepted),
    (SELECT array_agg(request) FROM conflicts),
    CASE WHEN p_edges IS NOT NULL THEN (
      SELECT array_agg(coalesce(a.sequence + e.place, 0) ORDER BY e.n)
      FROM unnest(p_event_write, p_event_place) WITH ORDINALITY AS e (write, place, n)
      LEFT JOIN accepted a ON a.write = e.write
    ) END
  INTO v_result, v_refused, v_sequences;

  IF cardinality(p_key_request) > 0 THEN
    INSERT INTO subject_keys (tenant_id, subject_id, wrapped_key, tenant_key_version)
    SELECT tenant_id, subject_id, wrapped_key, version
    FROM unnest(p_key_request, p_key_tenant, p_key_subject, p_key_wrapped, p_key_version)
         AS k (request, tenant_id, subject_id, wrapped_key, version)
    WHERE v_refused IS NULL OR request <> ALL (v_refused);
  END IF;
  IF p_edges IS NOT NULL THEN
    PERFORM apply_edges(p_edges, v_sequences);
  END IF;
  RETURN v_result;
END
$function$`;

/** The function that took a batch as JSON stays for processes of the release before, which may run beside this one during an upgrade. */
export class AppendByColumns1795297949469 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(APPEND_BY_COLUMNS_FUNCTION);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`DROP FUNCTION append_events(${PARAMETERS})`);
  }
}
