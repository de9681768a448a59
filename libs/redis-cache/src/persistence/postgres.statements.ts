/** Version of the tables that {@link postgresStatements} are for. */
export const SCHEMA_VERSION = 1;

/** A value whose load took longer than this is not taken. */
const LONGEST_LOAD = `interval '12 hours'`;

/** So much longer than the longest load that no value from before it can still come. */
const MARKS_KEPT = `interval '24 hours'`;

/**
 * The statements of a store whose tables begin with `table`.
 *
 * The order of everything is a sequence. An invalidation takes its next number and marks names with
 * it; a look tells its last number, and with that an entry is put. An entry holds if none of its names
 * has a larger number than the entry. As that is looked at with every read, an entry that slips in
 * while its name is being marked does no harm: it is never given.
 */
export function postgresStatements(table: string): Readonly<Record<StatementName, string>> {
  const name = table.slice(table.indexOf('.') + 1);
  const [entries, marks, meta] = ['entries', 'marks', 'meta'].map((kind) => `${table}_${kind}`);
  const points = `${table}_points`;
  const msOf = (time: string) => `floor(extract(epoch FROM ${time}) * 1000)::bigint::text`;
  return {
    find: `SELECT to_regclass('${meta}') IS NOT NULL AS found`,

    // In one statement, and so in one transaction; whoever starts at the same time waits for it.
    create: `
DO $create$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('${table}'));
  CREATE TABLE IF NOT EXISTS ${meta} (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL,
    swept_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE SEQUENCE IF NOT EXISTS ${points} AS bigint CACHE 1;
  CREATE TABLE IF NOT EXISTS ${entries} (
    key text COLLATE "C" PRIMARY KEY,
    names text[] NOT NULL,
    bytes bytea NOT NULL,
    begun bigint NOT NULL,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS ${name}_entries_expires_at ON ${entries} (expires_at);
  CREATE INDEX IF NOT EXISTS ${name}_entries_begun ON ${entries} (begun);
  CREATE TABLE IF NOT EXISTS ${marks} (
    name text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL,
    made_at timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS ${name}_marks_made_at ON ${marks} (made_at);
  INSERT INTO ${meta} (version) VALUES (${SCHEMA_VERSION}) ON CONFLICT DO NOTHING;
END
$create$`,

    version: `SELECT version FROM ${meta}`,

    // $1 key
    look: `
SELECT e.bytes,
  extract(epoch FROM e.expires_at - clock_timestamp())::float8 * 1000 AS left_ms,
  (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ${points})::text AS at,
  ${msOf('clock_timestamp()')} AS ms
FROM (SELECT 1) AS always
LEFT JOIN ${entries} e ON e.key = $1 AND e.expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM ${marks} m WHERE m.name = ANY (e.names) AND m.at > e.begun)`,

    // $1 key, $2 names, $3 bytes, $4 ttl in ms, $5 number and $6 time of the look. A failover may have
    // lost its number, and give it to an invalidation anew: hence the last, and the times.
    put: `
INSERT INTO ${entries} AS e (key, names, bytes, begun, expires_at)
SELECT $1::text, $2::text[], $3::bytea, $5::bigint,
  clock_timestamp() + $4::float8 * interval '1 millisecond'
WHERE to_timestamp($6::float8 / 1000) > clock_timestamp() - ${LONGEST_LOAD}
  AND $5::bigint <= (SELECT last_value FROM ${points})
  AND NOT EXISTS (
    SELECT FROM ${marks} m WHERE m.name = ANY ($2::text[])
      AND (m.at > $5::bigint OR m.made_at > to_timestamp(($6::float8 + 1) / 1000))
  )
ON CONFLICT (key) DO UPDATE
SET names = excluded.names, bytes = excluded.bytes, begun = excluded.begun,
  expires_at = excluded.expires_at
WHERE e.begun <= excluded.begun
RETURNING key`,

    // $1 names. Its time is that of the last mark, so that none of them counts as made behind it.
    invalidate: `
WITH next AS MATERIALIZED (SELECT nextval('${points}') AS at),
marked AS (
  INSERT INTO ${marks} AS m (name, at, made_at)
  SELECT name, next.at, clock_timestamp()
  FROM (SELECT DISTINCT unnest($1::text[]) AS name) AS named, next ORDER BY name
  ON CONFLICT (name) DO UPDATE SET at = greatest(m.at, excluded.at), made_at = excluded.made_at
  RETURNING m.made_at
),
gone AS (DELETE FROM ${entries} WHERE key = ANY ($1::text[]))
SELECT (SELECT at FROM next)::text AS at,
  ${msOf('coalesce(max(made_at), clock_timestamp())')} AS ms
FROM marked`,

    // $1 first key, $2 first key behind, $3 how many at most
    erase: `
WITH gone AS (
  DELETE FROM ${entries} WHERE key IN (
    SELECT key FROM ${entries} WHERE key >= $1 AND key < $2 LIMIT $3::int
  ) RETURNING key
)
SELECT count(*)::int AS deleted FROM gone`,

    // $1 first name, $2 first name behind, $3 number
    eraseMarks: `DELETE FROM ${marks} WHERE name >= $1 AND name < $2 AND at < $3::bigint`,

    // $1 interval in ms
    takeTurn: `
UPDATE ${meta} SET swept_at = clock_timestamp()
WHERE swept_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
RETURNING version`,

    // $1 how many at most
    sweepEntries: `
WITH gone AS (
  DELETE FROM ${entries} WHERE key IN (
    SELECT key FROM ${entries} WHERE expires_at <= clock_timestamp()
    ORDER BY expires_at LIMIT $1::int FOR UPDATE SKIP LOCKED
  ) RETURNING key
)
SELECT count(*)::int AS deleted FROM gone`,

    // $1 how many at most. A mark is of no use once all that is there has begun behind it.
    sweepMarks: `
WITH gone AS (
  DELETE FROM ${marks} WHERE name IN (
    SELECT name FROM ${marks}
    WHERE made_at < clock_timestamp() - ${MARKS_KEPT}
      AND at <= (SELECT coalesce(min(begun), 9223372036854775807) FROM ${entries})
    LIMIT $1::int FOR UPDATE SKIP LOCKED
  ) RETURNING name
)
SELECT count(*)::int AS deleted FROM gone`,
  };
}

type StatementName =
  | 'find'
  | 'create'
  | 'version'
  | 'look'
  | 'put'
  | 'invalidate'
  | 'erase'
  | 'eraseMarks'
  | 'takeTurn'
  | 'sweepEntries'
  | 'sweepMarks';
