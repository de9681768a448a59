/** What repeated measurements of one thing came to. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws {Error} there are no values */
export function sampleOf(values: readonly number[]): Sample {
  return { median: percentile(values, 50), min: Math.min(...values), max: Math.max(...values) };
}

/** Something that was counted once. */
export function exactly(value: number): Sample {
  return { median: value, min: value, max: value };
}

/**
 * Linear between the two nearest ranks; the 50th is the median.
 *
 * @param percent 0 to 100
 * @throws {Error} there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('There is nothing to take a percentile of.');
  const sorted = Float64Array.from(values).sort();
  const rank = (percent / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

/**
 * Each value by the one of the same round: what slowed the machine down for a moment slowed both
 * down, so the quotients hold where the values do not.
 */
export function quotients(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => value / (references[round] as number));
}
