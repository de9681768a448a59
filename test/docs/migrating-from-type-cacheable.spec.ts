import { Redis } from 'ioredis';
import { ownPrefix } from '../support/cache-apps.js';
import { describeGuide } from './guide.js';
import { blocksOf, sectionOf } from './markdown.js';
import { runGuide } from './run-guide.js';
import { hasPrograms, runShell } from './shell.js';
import type { Observed } from './type-cacheable-differences.program.js';
import type { Walked } from './type-cacheable-walk.program.js';

const WALK_TIMEOUT_MS = 90_000;

const itWithRedisCli = hasPrograms('redis-cli') ? it : it.skip;

describeGuide('docs/migrating-from-type-cacheable.md', (guide) => {
  const beside = guide.program('Before');
  const moved = guide.program('4. Read from the new one');

  it(
    'has code that answers the same with the decorators of either, and while both are in use',
    async () => {
      const walked = await runGuide<Walked>('type-cacheable-walk', [beside.code, moved.code]);
      const [fresh, won] = ['new', 'won'].map((status) => ({ phone: '1', status }));
      const seen = {
        answers: [fresh, fresh, won, null, null, [], [], [won], []],
        reads: 6, // byPhone once, and twice what is not stored; search once, and after each change
      };
      expect(walked).toEqual({
        old: seen,
        moved: seen,
        otherTenant: seen,
        meanwhile: ['new new', 'new new', 'won won', 'won won', 'none none'],
        theirsAbove: [
          [1, 1],
          [0, 0],
          [1, 1],
        ],
      } satisfies Walked);
    },
    WALK_TIMEOUT_MS,
  );

  it(
    'tells of differences that are there on both sides',
    async () => {
      expect(await runGuide('type-cacheable-differences', [])).toEqual({
        old: {
          values: {
            null: ['null', 2],
            undefined: ['undefined', 2],
            'a date as text': ['2024-01-01T00:00:00.000Z', 1],
            'a Map': ['{}', 1],
            NaN: ['NaN', 2],
            'a bigint': ['1n', 2],
            'an instance': ['{ x: 1 }', 1],
            'an object': ['{ tags: [] }', 0],
          },
          ofNamesake: '2024-01-01T00:00:00.000Z',
          loadsByOrderOfProperties: 2,
          callersShareAnObject: true,
          withConditionThatThrows: 'Error: undecided',
          loadsAfterClearOfLikeName: 2,
        } satisfies Observed,
        here: {
          values: {
            null: ['null', 1],
            undefined: ['undefined', 1],
            'a date as text': ["'2024-01-01T00:00:00.000Z'", 1],
            'a Map': ['Map(1) { 1 => 2 }', 1],
            NaN: ['NaN', 1],
            'a bigint': ['1n', 1],
            'an instance': ['Point { x: 1 }', 1],
            'an object': ['{ tags: [] }', 0],
          },
          ofNamesake: 'namesake',
          loadsByOrderOfProperties: 1,
          callersShareAnObject: false,
          withConditionThatThrows: 'answered',
          loadsAfterClearOfLikeName: 1,
        } satisfies Observed,
        oldTtls: [-1],
        keptWhileDisabled: 1,
      });
    },
    WALK_TIMEOUT_MS,
  );

  itWithRedisCli('deletes the old keys by its last lines, and nothing else', async () => {
    const prefix = ownPrefix();
    const redis = new Redis(String(process.env.REDIS_URL));
    const old = Array.from({ length: 600 }, (_, i) => `${prefix}-old:leads:acme/it's "${i}"`);
    await redis.mset([...old, `${prefix}:new`].flatMap((key) => [key, '1']));
    const [block] = blocksOf(sectionOf(guide.text, '5. Take the old one out'));
    const lines = (block?.code ?? '').replaceAll('crm-old', `${prefix}-old`);
    const printed = await runShell(
      lines.replaceAll('redis-cli', `redis-cli -u ${String(process.env.REDIS_URL)}`),
    );
    const left = await redis.exists(...old, `${prefix}:new`);
    await redis.del(`${prefix}:new`);
    redis.disconnect();
    const [firstTen, deleted] = [printed.split('\n').slice(0, 10), printed.split('\n').slice(10)];
    expect(old).toEqual(expect.arrayContaining(firstTen));
    expect(deleted.reduce((sum, count) => sum + Number(count), 0)).toBe(old.length);
    expect(left).toBe(1);
  });
});
