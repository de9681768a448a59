import type { Walked } from './cache-manager-walk.program.js';
import { fieldsOf } from './declared-fields.js';
import { describeGuide } from './guide.js';
import { codeIn, sectionOf, tableOf } from './markdown.js';
import { runGuide } from './run-guide.js';

const WALK_TIMEOUT_MS = 90_000;

const lead = (phone: string, reads: number) => ({ phone, name: `lead ${String(reads)}` });

describeGuide('docs/migrating-from-cache-manager.md', (guide) => {
  const sources = ['Before', '5. Move on to decorators', 'Keyv'].map(
    (it) => guide.program(it).code,
  );

  it(
    'has code that answers the same behind either module, and that works in its later steps',
    async () => {
      const walked = await runGuide<Walked>('cache-manager-walk', sources);
      const answers = [lead('1', 1), lead('1', 1), null, lead('1', 2), lead('2', 3)];
      expect(walked).toEqual({
        old: answers,
        swapped: answers,
        otherTenant: [lead('1', 4), lead('1', 4), null, lead('1', 5), lead('2', 6)],
        decorated: [1, 1, 2].map((load) => ({ phone: '1', load })),
        keyv: ['v', null],
      });
    },
    WALK_TIMEOUT_MS,
  );

  it.each([
    ['Options', 'cache-manager/cache-manager.options.ts', 'CacheManagerOptions'],
    ['Keyv', 'cache-manager/keyv-cache.adapter.ts', 'KeyvCacheAdapterOptions'],
  ])('%s: lists every option, with its default', (heading, path, name) => {
    const rows = tableOf(sectionOf(guide.text, heading), 'option');
    const listed = rows.map(([option, value = '']) => [
      codeIn(option)[0],
      codeIn(value)[0] ?? value,
    ]);
    expect(listed).toEqual(fieldsOf(path, name).map((field) => [field.name, field.default]));
  });
});
