import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache');
/** A folder of this name, for Node says nothing of ES modules that are required from there. */
const COMPILED = path.join(ROOT, 'dist/bench/node_modules/nestjs-redis-cache/dist');
const REGISTER = path.join(ROOT, 'test/support/typescript/register.cjs');
const COMPILER = path.join(ROOT, 'tools/package/code.program.ts');

/**
 * Compiles the library as it is compiled for publishing, without types, so that what is measured is what
 * users run. Nothing happens if no source has changed.
 *
 * @param outDir where to; by default where the benchmarks look for it
 */
export function buildLibrary(outDir: string = COMPILED): void {
  const built = statSync(path.join(outDir, 'esm/package.json'), { throwIfNoEntry: false });
  if (built && built.mtimeMs > newestSourceMs()) return;
  const args = ['--require', REGISTER, COMPILER, outDir];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('The library does not compile: see above.');
}

function newestSourceMs(): number {
  const sources = readdirSync(path.join(LIBRARY, 'src'), { recursive: true, encoding: 'utf8' });
  return Math.max(...sources.map((file) => statSync(path.join(LIBRARY, 'src', file)).mtimeMs));
}
