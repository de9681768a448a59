import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../../tools/package/run-program.js';

const REGISTER = join(__dirname, 'register.cjs');

describe('TypeScript in a process of a test', () => {
  it('is what stands in the file, also after it was compiled from another text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'register-'));
    const file = join(folder, 'program.ts');
    const printed: string[] = [];
    for (const word of ['first', 'second', 'first']) {
      await writeFile(file, `const word: string = '${word}';\nprocess.stdout.write(word);\n`);
      const args = ['--require', REGISTER, file];
      printed.push(await runProgram(process.execPath, args, { cwd: folder }));
    }
    await rm(folder, { recursive: true });
    expect(printed).toEqual(['first', 'second', 'first']);
  });
});
