import { RedisCacheMetrics } from 'nestjs-redis-cache/metrics';
import type { CacheApp } from '../../support/cache-apps.js';
import {
  parsePrometheusText,
  type MetricFamily,
  type Sample,
} from '../../support/prometheus-text.js';

/** What Prometheus would read of an application. */
export class Scrape {
  private constructor(readonly families: ReadonlyMap<string, MetricFamily>) {}

  static async of(app: CacheApp): Promise<Scrape> {
    return Scrape.from(await app.get(RedisCacheMetrics).registry.metrics());
  }

  static from(text: string): Scrape {
    return new Scrape(parsePrometheusText(text));
  }

  samples(family: string): readonly Sample[] {
    return this.families.get(family)?.samples ?? [];
  }

  /** The value of the only sample with these labels, among others. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const family = name.replace(/_(?:bucket|sum|count)$/, '');
    const found = this.samples(this.families.has(name) ? name : family).filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    if (found.length > 1) throw new Error(`${name} has ${found.length} such samples`);
    return found[0]?.value;
  }

  /** What a cache has done: `{ 'read near_hit': 2 }`. What has not happened is left out. */
  operations(resource: string): Record<string, number> {
    const happened = this.samples('cache_operations_total').filter(
      ({ labels, value }) => labels.resource === resource && value > 0,
    );
    return Object.fromEntries(
      happened.map(({ labels, value }) => [`${labels.operation} ${labels.type}`, value]),
    );
  }
}
