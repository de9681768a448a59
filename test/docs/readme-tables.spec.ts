import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ALERT_DEFAULTS, DEFAULTS } from '../../libs/redis-cache/src/config/defaults.js';
import { RATE_LIMITS } from '../../libs/redis-cache/src/throttler/rate-limit.presets.js';
import { fieldsOf, type DeclaredField } from './declared-fields.js';
import { codeIn, read, ROOT, sectionOf, tableOf } from './markdown.js';

const NONE = '–';
const POLICY_DEFAULTS = flat({ ...DEFAULTS.policy, 'near.ttl': DEFAULTS.near.ttl });
const { policy: _policy, ...MODULE_DEFAULTS } = DEFAULTS;
const OPTION_DEFAULTS = flat(MODULE_DEFAULTS);

const readme = read('README.md');

describe('the tables of the README', () => {
  const policy = fieldsOf('config/cache-policy.ts', 'CachePolicy');
  const options = fieldsOf('redis-cache.options.ts', 'RedisCacheModuleOptions');
  const health = fieldsOf('health/redis-cache.health.ts', 'CacheHealthOptions');

  it.each([
    ['Caches and policies', 'field', policy],
    ['Options', 'option', options],
    ['Health', 'option', health],
  ])('list every field, with its default: %s', (heading, title, fields) => {
    expect(defaultsIn(readme, heading, title)).toEqual(defaultsOf(fields));
  });

  it.each([
    ['policy', policy, POLICY_DEFAULTS],
    ['option', options, OPTION_DEFAULTS],
    ['alert', fieldsOf('alerts/alerts.options.ts', 'AlertsOptions'), flat(ALERT_DEFAULTS)],
  ])('give, as the comments in the source do, the %s defaults that are used', (_, fields, used) => {
    const documented = fields.filter(({ name }) => used.has(name));
    expect(documented.map(({ name }) => name).sort()).toEqual([...used.keys()].sort());
    expect(documented).toEqual(documented.map(({ name }) => withDefault(name, used)));
  });

  it('agree with what is said elsewhere: "`near.ttl`, 5 s"', () => {
    const said = ['README.md', 'docs/architecture.md'].flatMap((document) =>
      [...read(document).matchAll(/`([\w.]+)`,\s+(\d+) (ms|s)\b/g)].map(
        ([, name = '', number = '', unit = '']) => [name, `${number}${unit}`],
      ),
    );
    expect(said.length).toBeGreaterThan(0);
    expect(said).toEqual(said.map(([name = '']) => [name, OPTION_DEFAULTS.get(name)]));
  });

  it('list every event', () => {
    const rows = tableOf(sectionOf(readme, 'Events and statistics'), 'event');
    expect(namesIn(rows)).toEqual(namesOf(fieldsOf('cache/cache-events.ts', 'CacheEvents')));
  });

  it('list every error, by its class and code', () => {
    const rows = tableOf(sectionOf(readme, 'Errors'), 'class');
    const documented = rows.map(([name, code]) => [...codeIn(name), ...codeIn(code)].join(' '));
    expect(documented.sort()).toEqual(declaredErrors().sort());
  });
});

describe('the tables of docs/observability.md', () => {
  const observability = read('docs/observability.md');

  it.each([
    ['Statistics', 'part', 'cache/cache-statistics.ts', 'CacheStatistics'],
    ['Counters', 'counter', 'cache/cache-counters.ts', 'CacheCounters'],
  ])('%s: list every %s', (heading, title, path, name) => {
    const rows = tableOf(sectionOf(observability, heading), title);
    // A part that is an object of our own is described as one.
    const names = namesOf(fieldsOf(path, name)).map((field) =>
      title === 'part' ? (field.split('.')[0] ?? '') : field,
    );
    expect(namesIn(rows)).toEqual([...new Set(names)]);
  });

  it.each([
    ['Prometheus', 'metrics/metrics.options.ts', 'RedisCacheMetricsOptions'],
    ['Alerts', 'alerts/alerts.options.ts', 'AlertsOptions'],
    ['OpenTelemetry', 'opentelemetry/open-telemetry.ts', 'OpenTelemetryOptions'],
  ])('%s: list every option, with its default', (heading, path, name) => {
    const documented = defaultsIn(observability, heading, 'option');
    expect(documented).toEqual(defaultsOf(fieldsOf(path, name)));
  });
});

describe('the table of docs/admin.md', () => {
  it('lists every option, with its default', () => {
    const path = 'admin/admin.options.ts';
    const fields = [
      ...fieldsOf(path, 'AdminSurfaceOptions'),
      ...fieldsOf(path, 'AdminRuntimeOptions'),
    ];
    const documented = defaultsIn(read('docs/admin.md'), 'Who may what', 'option');
    expect(documented).toEqual(defaultsOf(fields));
  });
});

describe('the tables of docs/rate-limits.md', () => {
  const limits = read('docs/rate-limits.md');

  it.each([
    ['A limit', 'field', 'throttler/rate-limit.ts', 'RateLimit'],
    ['The module', 'option', 'throttler/rate-limit.options.ts', 'RateLimitModuleOptions'],
  ])('%s: list every %s, with its default', (heading, title, path, name) => {
    expect(defaultsIn(limits, heading, title)).toEqual(defaultsOf(fieldsOf(path, name)));
  });

  it('list the limits that are there', () => {
    const rows = tableOf(sectionOf(limits, 'A limit'), 'limit');
    expect(namesIn(rows)).toEqual(Object.keys(RATE_LIMITS));
  });
});

function defaultsIn(document: string, heading: string, title: string): (string | undefined)[][] {
  const rows = tableOf(sectionOf(document, heading), title);
  return rows.map(([name, value]) => [...codeIn(name), defaultIn(value)]);
}

function defaultsOf(fields: readonly DeclaredField[]): string[][] {
  return fields.map((field) => [field.name, field.default ?? NONE]);
}

/** The texts in backticks of the first column. */
function namesIn(rows: readonly string[][]): string[] {
  return rows.flatMap(([cell]) => codeIn(cell));
}

function namesOf(fields: readonly DeclaredField[]): string[] {
  return fields.map(({ name }) => name);
}

function withDefault(name: string, used: ReadonlyMap<string, unknown>): DeclaredField {
  return { name, default: inspect(used.get(name)) };
}

function defaultIn(cell: string | undefined): string | undefined {
  return codeIn(cell)[0] ?? cell;
}

/** `{ near: { ttl: 1 } }` as `near.ttl`. */
function flat(values: object, path = ''): Map<string, unknown> {
  return new Map(
    Object.entries(values).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...flat(value, `${path}${name}.`)]
        : [[path + name, value] as const],
    ),
  );
}

function declaredErrors(): string[] {
  const folder = 'libs/redis-cache/src/errors';
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith('.error.ts'));
  return files.flatMap((file) => {
    const source = read(`${folder}/${file}`);
    const classes = source.matchAll(/class (\w+) extends[^]*?readonly code = '(\w+)'/g);
    return [...classes].map(([, name = '', code = '']) => `${name} ${code}`);
  });
}
