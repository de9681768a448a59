import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache');
/** A folder of this name, for Node says nothing of ES modules that are required from there. */
const COMPILED = path.join(ROOT, 'dist/bench/node_modules/nestjs-redis-cache/dist');
const REGISTER = path.join(ROOT, 'test/support/typescript/register.cjs');
const COMPILER = path.join(ROOT, 'tools/package/code.program.ts');

/**
 * Compiles the library as it is compiled for publishing, without types, so that what is measured is what
 * users run. Nothing happens if no source has changed; what `PACKAGE_TARBALL` names, if it has been packed
 * already, is unpacked instead.
 *
 * @param outDir where to; by default where the benchmarks look for it
 */
export function buildLibrary(outDir: string = COMPILED): void {
  const built = statSync(path.join(outDir, 'esm/package.json'), { throwIfNoEntry: false });
  if (built && built.mtimeMs > newestSourceMs()) return;
  const packed = process.env.PACKAGE_TARBALL;
  if (packed) unpack(packed, outDir);
  else run(process.execPath, ['--require', REGISTER, COMPILER, outDir]);
}

/** As of now, for packing gives all files the same age. */
function unpack(tarball: string, outDir: string): void {
  mkdirSync(outDir, { recursive: true });
  run('tar', ['-xzmf', tarball, '-C', outDir, '--strip-components=2', 'package/dist']);
}

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('The library cannot be built: see above.');
}

function newestSourceMs(): number {
  const sources = readdirSync(path.join(LIBRARY, 'src'), { recursive: true, encoding: 'utf8' });
  return Math.max(...sources.map((file) => statSync(path.join(LIBRARY, 'src', file)).mtimeMs));
}
