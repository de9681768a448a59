import { setTimeout } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
import { AT } from '../../libs/redis-cache/src/codec/entry-layout.js';
import { decodeArguments } from '../../libs/redis-cache/src/keys/arguments.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { blocksOf, documents, read, sectionOf, withoutCode } from './markdown.js';
import { runProgram } from './run-program.js';

const FIRST_SCREEN_LINES = 40;
const START_TIMEOUT_MS = 60_000;
const LOCAL_REDIS = `{ url: 'redis://localhost:6379' }`;
/** A port that nobody listens on. */
const NO_REDIS = 'redis://127.0.0.1:1';

const readme = read('README.md');
const redisUrl = process.env.REDIS_URL ?? '';
const prefix = `${process.env.TEST_RUN_PREFIX ?? ''}:readme`;

describe('the first example of the README', () => {
  const [example, output] = blocksOf(readme);

  it('stands within the first screen, and what it prints too', () => {
    expect(example?.language).toBe('ts');
    expect(output?.language).toBe('text');
    const lines = output?.code.trimEnd().split('\n').length ?? 0;
    expect((output?.line ?? 0) + lines).toBeLessThanOrEqual(FIRST_SCREEN_LINES);
  });

  it.each([
    ['with Redis', redisUrl],
    ['without Redis', NO_REDIS],
  ])(
    'prints what the README says, %s',
    async (_, url) => {
      const code = example?.code ?? '';
      expect(code).toContain(LOCAL_REDIS);
      const connection = `{ url: '${url}' }, prefix: '${prefix}'`;
      expect(await runProgram(code.replace(LOCAL_REDIS, connection))).toBe(output?.code);
    },
    START_TIMEOUT_MS,
  );
});

describe('the README', () => {
  it('lists its sections before the first of them', () => {
    const [beginning = ''] = withoutCode(readme).split(/^## /m);
    const listed = [...beginning.matchAll(/^- \[(.+)\]\(#.+\)$/gm)].map(([, title]) => title);
    const sections = [...withoutCode(readme).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect([...listed, 'License']).toEqual(sections);
  });

  it(
    'shows what the health check answers',
    async () => {
      @Module({
        imports: [
          RedisCacheModule.forRoot({ connection: { url: redisUrl }, prefix }),
          TerminusModule,
        ],
        providers: [RedisCacheHealthIndicator],
      })
      class HealthModule {}
      const app = await Test.createTestingModule({ imports: [HealthModule] }).compile();
      await app.init();
      const caches = app.get(CacheService);
      while (caches.getStats().mode !== 'redis') await setTimeout(5);

      const indicator = app.get(RedisCacheHealthIndicator);
      const answer = await app.get(HealthCheckService).check([() => indicator.isHealthy('cache')]);
      await app.close();

      const [shown] = blocksOf(sectionOf(readme, 'Health')).filter(
        ({ language }) => language === 'json',
      );
      const anyLatency = (key: string, value: unknown): unknown =>
        key === 'latencyMs' ? typeof value : value;
      expect(JSON.parse(JSON.stringify(answer), anyLatency)).toEqual(
        JSON.parse(shown?.code ?? '', anyLatency),
      );
    },
    START_TIMEOUT_MS,
  );

  it('shows Redis keys that the library makes', () => {
    const [block] = blocksOf(sectionOf(readme, 'Keys in Redis'));
    const keys = (block?.code ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split('  ')[0] ?? '');
    const parsed = keys.map((key) => new KeySpace('crm').parse(key));
    expect(parsed).toMatchObject([
      { kind: 'entry', tenant: 'acme', cache: 'lead.byPhone', version: 1, key: '+15551234567' },
      { kind: 'lease', tenant: 'acme', cache: 'lead.byPhone', version: 1, key: '+15551234567' },
      { kind: 'entry', tenant: 'acme', cache: 'lead.search', version: 1 },
      { kind: 'entry', tenant: 'acme', cache: 'lead.range', version: 1 },
      { kind: 'entry', tenant: 'a/b', cache: 'lead.byId', version: 2, key: 'lead_7' },
      { kind: 'entry', tenant: null, cache: 'organization.byPhone', version: 1 },
    ]);
    const args = parsed.map((key) => key && 'key' in key && decodeArguments(key.key));
    expect(args.slice(2, 4)).toEqual([[{ page: 1, status: 'new' }], [10, 20]]);
    expect(sectionOf(readme, 'Keys in Redis')).toContain(`a header of ${AT.tags} bytes`);
    expect(sectionOf(readme, 'Keys in Redis')).toContain(`' ${AT.tags} -1`);
  });
});

describe('the documents', () => {
  it('name scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents().flatMap((document) =>
      [...read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(
        ([, script, short]) => script ?? short ?? '',
      ),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});
