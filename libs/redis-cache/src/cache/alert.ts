/** What an alert is about; see `alerts` of the module's options. */
export type AlertKind = 'hitRate' | 'latency' | 'errors' | 'disconnected';

/** Something that is not as it should be. */
export interface Alert {
  /** The same when it is raised and when it is resolved, and no other has it. */
  readonly id: string;
  readonly kind: AlertKind;
  /** The cache it is about; undefined: all of them together. */
  readonly cache?: string | undefined;
  /** What was measured last: a share from 0 to 1, or milliseconds. */
  readonly value: number;
  /** The level at which it was raised. */
  readonly threshold: number;
  /** When it was raised, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** An alert was raised, or resolved. Each is told once. */
export interface AlertChange extends Alert {
  readonly state: 'raised' | 'resolved';
  readonly atMs: number;
}
