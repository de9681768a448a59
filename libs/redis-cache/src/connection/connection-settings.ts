/** Time limits of a connection, all in milliseconds, and what it is probed with. */
export interface ConnectionSettings {
  /** What Redis may take for a command. */
  readonly commandTimeoutMs: number;
  /** Timeouts in a row that suspend the connection. */
  readonly failureThreshold: number;
  /** First pause before a suspended connection is probed; pauses grow from here by a twentieth each. */
  readonly probeIntervalMs: number;
  /** Longest pause between probes. */
  readonly maxProbeIntervalMs: number;
  /** How long closing waits for a Redis that does not answer. */
  readonly closeTimeoutMs: number;
  /** A connection of our own that is probed and silent for this long is cut and made anew. */
  readonly hungAfterMs: number;
  /** How long bringing Redis up to date may take, before it counts as away again. */
  readonly recoverTimeoutMs: number;
  /**
   * A key that never exists, whose deletion is the probe. Where the user of Redis may not write it, a
   * server that takes no writes is not told from one that is well.
   */
  readonly probeKey: string;
}

/** Every setting has a default here; the module's options name those that users see. */
export const CONNECTION_DEFAULTS: ConnectionSettings = {
  commandTimeoutMs: 100,
  failureThreshold: 1,
  probeIntervalMs: 50,
  maxProbeIntervalMs: 1_000,
  closeTimeoutMs: 2_000,
  hungAfterMs: 2_000,
  recoverTimeoutMs: 10_000,
  probeKey: 'cache:{}:probe',
};
