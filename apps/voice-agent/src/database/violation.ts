/** PostgreSQL's codes for rows that a constraint keeps out. */
const CODES = { unique: '23505', foreignKey: '23503' } as const;

/** Whether a statement failed on a constraint of this kind. Drizzle wraps the driver's error. */
export function isViolation(kind: keyof typeof CODES, error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === CODES[kind];
}
