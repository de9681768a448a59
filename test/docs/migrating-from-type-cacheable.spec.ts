import { blocksOf, read, sectionOf } from './markdown.js';
import { runGuide } from './run-guide.js';
import type { Walked } from './type-cacheable-walk.program.js';

const WALK_TIMEOUT_MS = 90_000;

const guide = read('docs/migrating-from-type-cacheable.md');

function codeOf(...headings: string[]): string {
  return headings
    .flatMap((heading) => blocksOf(sectionOf(guide, heading)))
    .map(({ code }) => code)
    .join('\n');
}

describe('the guide from type-cacheable', () => {
  it(
    'has code that answers the same with either decorators, and while both are in use',
    async () => {
      const walked = await runGuide<Walked>('type-cacheable-walk', [
        codeOf('Before', '3. Evict in both'),
        codeOf('2. Set up the new cache beside the old one'),
        codeOf('4. Read from the new one'),
      ]);
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
});
