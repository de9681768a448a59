import { Counter, Gauge, type MetricConfiguration, type Registry } from 'prom-client';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { LatencyMetric, type LatencyMetricConfiguration } from './latency.metric.js';

/** Tells the value of a series, by its labels. */
type Tell<Label extends string> = (labels: Readonly<Record<Label, string>>, value: number) => void;

/** What a metric is, and how its series are read when it is scraped. */
export interface MetricDefinition<Label extends string> {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  readonly read: (tell: Tell<Label>) => void;
}

/** Metrics under one prefix in a registry, which can be taken out of it again. */
export class MetricSet {
  private readonly names: string[] = [];

  constructor(
    private readonly registry: Registry,
    private readonly prefix: string,
  ) {}

  /** @throws {InvalidCacheOptionsError} the registry has a metric of this name */
  counter<Label extends string>({ name, help, labels, read }: MetricDefinition<Label>): void {
    const metric = new Counter<Label>({
      ...this.named(name, help),
      labelNames: labels,
      collect: () => {
        metric.reset();
        read((series, value) => metric.inc(series, value));
      },
    });
  }

  /** @throws {InvalidCacheOptionsError} the registry has a metric of this name */
  gauge<Label extends string>({ name, help, labels, read }: MetricDefinition<Label>): void {
    const metric = new Gauge<Label>({
      ...this.named(name, help),
      labelNames: labels,
      collect: () => {
        // Reset, one without labels stands at 0, and what is not known is not 0.
        if (labels.length === 0) metric.remove();
        else metric.reset();
        read((series, value) => metric.set(series, value));
      },
    });
  }

  /** @throws {InvalidCacheOptionsError} the registry has a metric of this name */
  latency(
    name: string,
    help: string,
    rest: Pick<LatencyMetricConfiguration, 'boundsMs' | 'label' | 'read'>,
  ): void {
    new LatencyMetric({ ...this.named(name, help), ...rest });
  }

  /** Leaves the registry as it was. */
  remove(): void {
    for (const name of this.names.splice(0)) this.registry.removeSingleMetric(name);
  }

  private named(
    name: string,
    help: string,
  ): Pick<MetricConfiguration<string>, 'name' | 'help' | 'registers'> {
    const whole = `${this.prefix}_${name}`;
    if (this.registry.getSingleMetric(whole)) {
      throw new InvalidCacheOptionsError(
        'registry of RedisCacheMetricsModule',
        `one that has ${whole} already`,
        'a registry without metrics of these names',
        'Give each application a registry of its own, or another prefix.',
      );
    }
    this.names.push(whole);
    return { name: whole, help, registers: [this.registry] };
  }
}
