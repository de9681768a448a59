/** A value of a statement. */
export type PostgresValue = string | number | Uint8Array | readonly string[];

/**
 * What runs statements: a `Pool` of `pg`, a PGlite, or what you make of another driver. Each statement
 * is to be a transaction of its own, on the primary, at the isolation `read committed`.
 */
export interface PostgresClient {
  query(text: string, values?: PostgresValue[]): Promise<{ rows: unknown[] }>;
}
