import { Histogram, type HistogramConfiguration } from 'prom-client';
import type { Latencies } from '../statistics/latency-histogram.js';

type Exported = Awaited<ReturnType<Histogram<LatencyLabel>['get']>>;

/** What a {@link LatencyMetric} is told apart by: a cache, or what was done. */
type LatencyLabel = 'resource' | 'operation';

/** What a {@link LatencyMetric} is made with. */
export interface LatencyMetricConfiguration extends Pick<
  HistogramConfiguration<LatencyLabel>,
  'name' | 'help' | 'registers'
> {
  /** Upper bounds: 2ⁿ milliseconds, n from −9 to 17, at which latencies are counted exactly. */
  readonly boundsMs: readonly number[];
  /** @default 'resource' */
  readonly label?: LatencyLabel;
  readonly read: () => ReadonlyMap<string, Latencies>;
}

/**
 * A histogram whose counts are those that the cache keeps: they are read on a scrape, and nothing is
 * observed by prom-client itself.
 */
export class LatencyMetric extends Histogram<LatencyLabel> {
  private readonly described: Omit<Exported, 'values'>;
  private readonly boundsMs: readonly number[];
  private readonly label: LatencyLabel;
  private readonly read: () => ReadonlyMap<string, Latencies>;

  constructor({ boundsMs, label = 'resource', read, ...config }: LatencyMetricConfiguration) {
    super({ ...config, labelNames: [label], buckets: boundsMs.map(inSeconds) });
    this.described = {
      name: config.name,
      help: config.help,
      // Declared as a number, and a text in truth.
      type: 'histogram' as unknown as Exported['type'],
      aggregator: 'sum',
      collect: () => undefined,
    };
    this.boundsMs = boundsMs;
    this.label = label;
    this.read = read;
  }

  override get(): Promise<Exported> {
    const values = [...this.read()].flatMap(([name, latencies]) => this.valuesOf(name, latencies));
    return Promise.resolve({ ...this.described, values });
  }

  /** Where prom-client has it, text is made of this instead of {@link get}. */
  getForPromString(): Promise<Exported> {
    return this.get();
  }

  private valuesOf(of: string, latencies: Latencies): Exported['values'] {
    const { name } = this.described;
    const labels: Partial<Record<LatencyLabel, string>> = { [this.label]: of };
    const bucket = (le: number | string, value: number) => ({
      metricName: `${name}_bucket`,
      labels: { le, ...labels },
      value,
    });
    return [
      ...this.boundsMs.map((ms) => bucket(inSeconds(ms), latencies.countBelow(ms))),
      bucket('+Inf', latencies.count),
      { metricName: `${name}_sum`, labels, value: inSeconds(latencies.sumMs) },
      { metricName: `${name}_count`, labels, value: latencies.count },
    ];
  }
}

function inSeconds(ms: number): number {
  return ms / 1_000;
}
