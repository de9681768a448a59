import { fieldsOf } from './declared-fields.js';
import type { Walked } from './guide-walk.program.js';
import { blocksOf, codeIn, read, sectionOf, tableOf } from './markdown.js';
import { runGuide } from './run-guide.js';

const WALK_TIMEOUT_MS = 90_000;

const guide = read('docs/migrating-from-maps.md');
const reference = sectionOf(guide, 'Reference');

describe('the guide from Maps to the cache', () => {
  it(
    'has code that answers the same before, in each mode, and on the whole way there and back',
    async () => {
      const { old, byMode, whole, back, byEnvironment } = await walk();
      expect(old).toContain('lead-of-globex');
      const modes = ['map-only', 'shadow', 'cache-first', 'cache-only'];
      expect(byMode).toEqual(Object.fromEntries(modes.map((mode) => [mode, old])));
      const cacheOnly = ['cache-only', 'cache-only', 'cache-only'];
      expect(whole).toEqual({ answers: old, modes: cacheOnly, inMaps: 0 });
      const looked = old.slice(4, -2);
      expect(back).toEqual({ 'cache-first': looked, shadow: looked, 'map-only': looked });
      expect(byEnvironment).toBe('shadow');
    },
    WALK_TIMEOUT_MS,
  );

  it.each([
    ['option', 'migration/migrating-map.options.ts', 'MigratingMapOptions'],
    ['option of `drain`', 'migration/drain.ts', 'DrainOptions'],
  ])('lists every %s, with its default', (title, path, name) => {
    const listed = tableOf(reference, title).map(([option, value = '']) => [
      codeIn(option)[0],
      codeIn(value)[0] ?? value,
    ]);
    const declared = fieldsOf(path, name).map((field) => [field.name, field.default ?? '–']);
    expect(listed).toEqual(declared);
  });
});

/** What stands before the migration, and what after it. */
function walk(): Promise<Walked> {
  const blocks = blocksOf(guide).filter(({ language }) => language === 'ts');
  const [before = '', ...after] = blocks.map(({ code }) => code);
  return runGuide('guide-walk', [before, after.join('\n')]);
}
