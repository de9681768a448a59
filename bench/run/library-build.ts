import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache');
const COMPILED = path.join(ROOT, 'dist/bench/library');

/**
 * Compiles the library as it is compiled for publishing, without types and source maps, so that
 * what is measured is what users run. Nothing happens if no source has changed.
 *
 * @param outDir where to; by default where the benchmarks look for it
 */
export function buildLibrary(outDir: string = COMPILED): void {
  const built = statSync(path.join(outDir, 'index.js'), { throwIfNoEntry: false });
  if (built && built.mtimeMs > newestSourceMs()) return;
  const options = ['--outDir', outDir, '--sourceMap', 'false', '--declaration', 'false'];
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = path.join(LIBRARY, 'tsconfig.lib.json');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '--project', project, ...options, '--noCheck'],
    { stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('The library does not compile: see above.');
}

function newestSourceMs(): number {
  const sources = readdirSync(path.join(LIBRARY, 'src'), { recursive: true, encoding: 'utf8' });
  return Math.max(...sources.map((file) => statSync(path.join(LIBRARY, 'src', file)).mtimeMs));
}
