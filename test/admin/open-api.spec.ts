import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { adminOpenApi, type AdminPurge } from 'nestjs-redis-cache/admin';
import { z } from 'zod';
import { AdminApps, CallerGuard, type Caller } from './support/admin-app.js';

const { paths, components } = adminOpenApi();
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
);

describe('the description of the routes', () => {
  const apps = new AdminApps();

  const boot = () =>
    apps.boot({
      tier: 'redis',
      cache: { caches: { lead: {}, settings: { scope: 'global' } } },
      admin: { guards: [CallerGuard], values: 'write' },
    });

  it('is of each of them, and of no other', async () => {
    const app = await boot();
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    const routes = app.routes.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(described.sort()).toEqual(routes.sort());
  });

  it('is under the path that it is given, and without the page where there is none', () => {
    const given = Object.keys(adminOpenApi({ path: '/api/ops/', page: false }).paths);
    expect(given).toContain('/api/ops/statistics');
    expect(given.every((path) => path.startsWith('/api/ops/'))).toBe(true);
    expect(given).not.toContain('/api/ops/assets/{file}');
  });

  it('names each once, says what it is, and has every parameter of its path', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      expect(operation.summary).toMatch(/\w{3}/);
      expect(Object.keys(operation.responses)).toEqual([
        expect.stringMatching(/^20[02]$/),
        'default',
      ]);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = operation.parameters?.filter((one) => one.in === 'path') ?? [];
      expect(described.map(({ name }) => name)).toEqual(inPath);
    }
  });

  it('refers only to what it holds, and holds only what it refers to', () => {
    const references = [
      ...JSON.stringify([paths, components]).matchAll(/"#\/components\/schemas\/(\w+)"/g),
    ];
    expect(new Set(references.map(([, name]) => name))).toEqual(
      new Set(Object.keys(components.schemas)),
    );
  });

  it('fits into the document of an application', async () => {
    const app = await boot();
    const document = SwaggerModule.createDocument(app.app.nest, new DocumentBuilder().build());
    const described = { ...document, paths: { ...document.paths, ...paths } };
    expect(Object.keys(described.paths).sort()).toEqual(Object.keys(document.paths).sort());
  });

  it('is true of what the routes answer', async () => {
    const app = await boot();
    const acme = app.caches.forTenant('acme').cache('lead');
    await acme.wrap('k', () => ({ n: 1 }));
    const { body: purge } = await app.call<AdminPurge>('operator', 'POST', 'purges', {
      tenant: 'gone',
    });
    await app.untilNoPurgeRuns();
    const entry = 'entries?cache=lead&key=k&tenant=acme';
    const tenant: Caller = { tenant: 'acme' };
    for (const [name, method, path, body, caller] of [
      ['Session', 'GET', 'session'],
      ['Session', 'GET', 'session', undefined, tenant],
      ['OperatorStatistics', 'GET', 'statistics?redis=true'],
      ['TenantStatistics', 'GET', 'statistics', undefined, tenant],
      ['Caches', 'GET', 'caches'],
      ['Health', 'GET', 'health'],
      ['Loads', 'GET', 'loads'],
      ['Events', 'GET', 'events'],
      ['Entry', 'GET', entry],
      ['Entry', 'GET', `${entry}&value=true`],
      ['Entry', 'GET', 'entries?cache=settings&key=k&value=true'],
      ['EntrySet', 'PUT', 'entries', { cache: 'lead', key: 'k', tenant: 'acme', value: 1 }],
      ['EntryEvicted', 'DELETE', entry],
      ['Evicted', 'POST', 'evictions/all', {}],
      ['PatternEvicted', 'POST', 'evictions/pattern', { pattern: '*', tenant: 'acme' }],
      ['Purges', 'GET', 'purges'],
      ['Purge', 'GET', `purges/${purge.id}`],
      ['Purge', 'POST', 'purges', { tenant: 'gone' }],
      ['Rollouts', 'GET', 'rollouts'],
      ['RolloutChanged', 'PUT', 'rollouts', { cache: 'lead', percent: 10, tenants: ['acme'] }],
      ['RolloutChanged', 'PUT', 'rollouts', { cache: 'lead', mode: 'off' }],
      ['RolloutChanged', 'DELETE', 'rollouts?cache=lead'],
      ['PageSettings', 'GET', 'assets/settings.json'],
      ['Problem', 'GET', 'statistics?window=2m'],
      ['Problem', 'GET', 'health', undefined, tenant],
    ] as readonly [string, string, string, object?, Caller?][]) {
      const answer = await app.call<object>(caller ?? 'operator', method, path, body);
      expect([path, schemaOf(name).safeParse(answer.body).error]).toEqual([path, undefined]);
      expect([path, undescribed(answer.body, components.schemas[`RedisCache${name}`])]).toEqual([
        path,
        [],
      ]);
    }
  });
});

/** With the schemas that it refers to. */
function schemaOf(name: string): z.ZodType {
  const text = JSON.stringify(components.schemas[`RedisCache${name}`]);
  const whole = text.replace(/\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g, (_, other: string) =>
    JSON.stringify(components.schemas[other]),
  );
  return z.fromJSONSchema(JSON.parse(whole), { defaultTarget: 'openapi-3.0' });
}

/** Fields of an answer that its description does not have. */
function undescribed(body: object, schema: { properties?: object } | undefined): string[] {
  return Object.keys(body).filter((field) => !Object.hasOwn(schema?.properties ?? {}, field));
}
