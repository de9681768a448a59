import { Histogram, type HistogramConfiguration } from 'prom-client';
import type { Latencies } from '../statistics/latency-histogram.js';

type Exported = Awaited<ReturnType<Histogram<'resource'>['get']>>;

/** What a {@link LatencyMetric} is made with. */
export interface LatencyMetricConfiguration extends Pick<
  HistogramConfiguration<'resource'>,
  'name' | 'help' | 'registers'
> {
  /** Upper bounds: 2ⁿ milliseconds, n from −9 to 17, at which latencies are counted exactly. */
  readonly boundsMs: readonly number[];
  readonly read: () => ReadonlyMap<string, Latencies>;
}

/**
 * A histogram whose counts are those that the cache keeps: they are read on a scrape, and nothing is
 * observed by prom-client itself.
 */
export class LatencyMetric extends Histogram<'resource'> {
  private readonly described: Omit<Exported, 'values'>;
  private readonly boundsMs: readonly number[];
  private readonly read: () => ReadonlyMap<string, Latencies>;

  constructor({ boundsMs, read, ...config }: LatencyMetricConfiguration) {
    super({ ...config, labelNames: ['resource'], buckets: boundsMs.map(inSeconds) });
    this.described = {
      name: config.name,
      help: config.help,
      // Declared as a number, and a text in truth.
      type: 'histogram' as unknown as Exported['type'],
      aggregator: 'sum',
      collect: () => undefined,
    };
    this.boundsMs = boundsMs;
    this.read = read;
  }

  override get(): Promise<Exported> {
    const values = [...this.read()].flatMap(([cache, latencies]) =>
      this.valuesOf(cache, latencies),
    );
    return Promise.resolve({ ...this.described, values });
  }

  /** Where prom-client has it, text is made of this instead of {@link get}. */
  getForPromString(): Promise<Exported> {
    return this.get();
  }

  private valuesOf(resource: string, latencies: Latencies): Exported['values'] {
    const { name } = this.described;
    const bucket = (le: number | string, value: number) => ({
      metricName: `${name}_bucket`,
      labels: { le, resource },
      value,
    });
    return [
      ...this.boundsMs.map((ms) => bucket(inSeconds(ms), latencies.countBelow(ms))),
      bucket('+Inf', latencies.count),
      { metricName: `${name}_sum`, labels: { resource }, value: inSeconds(latencies.sumMs) },
      { metricName: `${name}_count`, labels: { resource }, value: latencies.count },
    ];
  }
}

function inSeconds(ms: number): number {
  return ms / 1_000;
}
