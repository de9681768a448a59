import { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { KeyvStore } from 'nestjs-redis-cache/persistence';
import { codeIn, read, sectionOf, tableOf } from '../docs/markdown.js';
import { CacheApps } from '../support/cache-apps.js';
import { MemoryKeyv } from '../support/memory-keyv.js';
import type { Sample } from '../support/prometheus-text.js';
import { Scrape } from './support/scrape.js';
import { until } from '../support/until.js';

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly query?: unknown }[] };
  readonly panels: readonly Panel[];
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly matches: RegExp }[];
}

const dashboard = JSON.parse(read('docs/grafana/nestjs-redis-cache.json')) as Dashboard;
const { panels } = dashboard;
const queries = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);

describe('the Grafana dashboard', () => {
  const apps = new CacheApps();
  let samples: readonly Sample[];

  beforeAll(async () => {
    const module = RedisCacheMetricsModule.forRoot();
    const store = new KeyvStore({ keyv: new MemoryKeyv() });
    const cache = { persistence: { store }, defaults: { persist: true } };
    const app = await apps.boot({ tier: 'redis', imports: [module], cache });
    await until(() => app.caches.getStats().persistence?.available === true);
    await app.caches.forTenant('acme').wrap('k', () => 1);
    await until(() => app.caches.getStats().persistence?.stored === 1);
    await app.caches.forTenant('acme').del('k');
    const scrape = await Scrape.of(app);
    samples = [...scrape.families.values()].flatMap((family) => family.samples);
  });

  it.each(queries)('asks for series that exist: $title: $expr', ({ expr, legendFormat }) => {
    const selectors = selectorsIn(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      const ofMetric = samples.filter(({ name }) => name === metric);
      expect([metric, ofMetric.length]).toEqual([metric, expect.any(Number)]);
      expect(ofMetric.length).toBeGreaterThan(0);
      for (const { name, matches } of labels) {
        const values = ofMetric.map((sample) => sample.labels[name]);
        expect([
          name,
          values.filter((value) => value !== undefined && matches.test(value)),
        ]).toEqual([name, expect.arrayContaining([expect.any(String)])]);
      }
    }
    const grouped = [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, names = '']) =>
      names.split(', '),
    );
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    for (const label of grouped) {
      const known = selectors.every(({ metric }) =>
        samples.some(({ name, labels }) => name === metric && label in labels),
      );
      expect([label, known]).toEqual([label, true]);
    }
    expect(grouped).toEqual(expect.arrayContaining(shown));
  });

  it('shows every metric that there is', () => {
    const asked = new Set(
      queries.flatMap(({ expr }) => selectorsIn(expr)).map(({ metric }) => metric),
    );
    const families = new Set(samples.map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')));
    const shown = [...asked].map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
    expect([...new Set(shown)].sort()).toEqual([...families].sort());
  });

  it('is of metrics that are all documented, with their labels', () => {
    const rows = tableOf(sectionOf(read('docs/observability.md'), 'Prometheus'), 'metric');
    const documented = rows.map(([name, labels]) => [codeIn(name)[0], ...codeIn(labels).sort()]);
    const known = new Map(
      samples.map(({ name, labels: { le: _le, ...labels } }) => [
        name.replace(/_(?:bucket|sum|count)$/, ''),
        Object.keys(labels).sort(),
      ]),
    );
    expect(documented.sort()).toEqual([...known].map(([name, labels]) => [name, ...labels]).sort());
  });

  it('offers the caches by a series that exists', () => {
    expect(JSON.stringify(dashboard.templating)).toContain(
      'label_values(cache_operations_total, resource)',
    );
    expect(
      samples.some(({ name, labels }) => name === 'cache_operations_total' && labels.resource),
    ).toBe(true);
  });

  it('has panels that do not lie over each other', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

/** What a query selects; a label that a variable of the dashboard decides has any value. */
function selectorsIn(expr: string): Selector[] {
  return [...expr.matchAll(/\b(cache_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', labels = '']) => ({
      metric,
      labels: [...labels.matchAll(/(\w+)(=~?)"([^"]*)"/g)].map(
        ([, name = '', how, value = '']) => ({
          name,
          matches: new RegExp(
            value.startsWith('$') ? '.' : how === '=~' ? `^(?:${value})$` : `^${value}$`,
          ),
        }),
      ),
    }),
  );
}
