import type { Session } from './session.js';

/** How long Redis takes to answer, one question after the other. */
export interface LatencyFigures {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Reads a key that does not exist, so often. */
export async function latencyOf(
  { connection, keys, clock }: Session,
  samples: number,
): Promise<LatencyFigures> {
  const tookMs: number[] = [];
  while (tookMs.length < samples) {
    const beganMs = clock.nowMs();
    await connection.run((client) => client.getBuffer(keys.probe('latency')));
    tookMs.push(clock.nowMs() - beganMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.ceil(share * samples) - 1] ?? 0;
  return { samples, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
