import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const RUNS = process.env.MODEL_RUNS ?? '6000';
const { MODEL_SEED } = process.env;
const TIMEOUT_MS = 600_000;

const REGISTER = join(__dirname, '../support/typescript/register.cjs');
const SOAK = join(__dirname, 'soak.program.ts');

describe('three processes on one far store and one bus, whatever happens to them', () => {
  it(
    'never answer, after an acknowledged invalidation, what was loaded before it, nor what is another tenant’s',
    async () => {
      // In a process of its own: where coverage is counted, it takes ten times as long.
      const seed = MODEL_SEED === undefined ? [] : ['--seed', MODEL_SEED];
      const args = ['--require', REGISTER, SOAK, '--sequences', RUNS, ...seed];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const output = Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = (await once(child, 'exit')) as [number | null];
      const [seeds, violations] = await output;
      process.stdout.write(`\nModel:\n${seeds}`);
      expect({ code, violations }).toEqual({ code: 0, violations: '' });
      expect(seeds).toContain(`${RUNS} sequences so far`);
    },
    TIMEOUT_MS,
  );
});
