import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from './compile.js';
import { entryPoints } from './entry-points.js';
import { LIBRARY, ROOT } from './folders.js';
import { publishedManifest, type Manifest } from './published-manifest.js';
import { runProgram } from './run-program.js';

/** Kept once for the whole repository, and part of the package. */
const DOCUMENTS = ['README.md', 'LICENSE', 'CHANGELOG.md'];

/**
 * Builds the library as it is published and packs it. All is put together in a temporary folder, so the
 * sources stay free of copies.
 *
 * @returns the path of the tarball in `outDir`
 */
export async function packLibrary(outDir: string): Promise<string> {
  const staging = await mkdtemp(join(tmpdir(), 'nestjs-redis-cache-'));
  try {
    await stage(staging);
    await mkdir(outDir, { recursive: true });
    const args = ['pack', staging, '--pack-destination', outDir, '--json'];
    const [packed] = JSON.parse(await runProgram('npm', args, { cwd: ROOT })) as [Packed];
    return join(outDir, packed.filename);
  } finally {
    await rm(staging, { recursive: true });
  }
}

interface Packed {
  readonly filename: string;
}

async function stage(folder: string): Promise<void> {
  await compile(join(folder, 'dist'));
  const manifest = publishedManifest(await sourceManifest(), entryPoints());
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await Promise.all(DOCUMENTS.map((name) => cp(join(ROOT, name), join(folder, name))));
}

async function sourceManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(LIBRARY, 'package.json'), 'utf8')) as Manifest;
}
