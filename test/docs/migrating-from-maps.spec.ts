import { fieldsOf } from './declared-fields.js';
import type { Walked } from './guide-walk.program.js';
import { describeGuide } from './guide.js';
import { codeIn, sectionOf, tableOf } from './markdown.js';
import { runGuide } from './run-guide.js';

const WALK_TIMEOUT_MS = 90_000;

describeGuide('docs/migrating-from-maps.md', (guide) => {
  const reference = sectionOf(guide.text, 'Reference');
  const sources = [guide.program('Before'), guide.program('One interface to both')];

  it(
    'has code that answers the same before, in each mode, and on the whole way there and back',
    async () => {
      const { old, byMode, whole, back, byEnvironment } = await runGuide<Walked>(
        'guide-walk',
        sources.map(({ code }) => code),
      );
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
