import type { Guide } from '../guide.js';
import { blocksOf } from '../markdown.js';
import { WAITING_LONGER } from '../patient-defaults.js';
import { runProgram } from '../run-program.js';

const FIRST_SCREEN_LINES = 40;
const START_TIMEOUT_MS = 60_000;
const LOCAL_REDIS = 'redis://localhost:6379';
/** A port that nobody listens on. */
const NO_REDIS = 'redis://127.0.0.1:1';

export function firstExample(guide: Guide): void {
  describe('the first example', () => {
    const { code } = guide.program('nestjs-redis-cache');
    const [example, output] = blocksOf(guide.text);

    it('stands within the first screen, and what it prints too', () => {
      expect(example?.code).toBe(code);
      expect(output?.language).toBe('text');
      const lines = output?.code.trimEnd().split('\n').length ?? 0;
      expect((output?.line ?? 0) + lines).toBeLessThanOrEqual(FIRST_SCREEN_LINES);
    });

    it.each([
      ['with Redis', () => String(process.env.REDIS_URL)],
      ['without Redis', () => NO_REDIS],
    ])(
      'prints what the README says, %s',
      async (_, url) => {
        expect(code).toContain(LOCAL_REDIS);
        expect(await runProgram(WAITING_LONGER + code.replace(LOCAL_REDIS, url()))).toBe(
          output?.code,
        );
      },
      START_TIMEOUT_MS,
    );
  });
}
