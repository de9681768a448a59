import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, type Formats } from './bundle.js';
import { LIBRARY, ROOT } from './folders.js';
import { runProgram } from './run-program.js';

/** The page of the dashboard, which browsers run as it is. */
const PAGE = 'admin/dashboard';
const PAGE_FILE = /\.(?:html|css|js|svg)$/;
const PAGE_FOLDER_OF_ESM = `import { fileURLToPath } from 'node:url';
export const PAGE_FOLDER = fileURLToPath(new URL('../../cjs/${PAGE}', import.meta.url));
`;

/** Compiles the library with its types, once as CommonJS and once, with the types checked, as ES modules. */
export async function compile(outDir: string): Promise<void> {
  const { cjs, esm } = formats(outDir);
  const types = [tsc('tsconfig.cjs.json', cjs), tsc('tsconfig.esm.json', esm)];
  await Promise.all([...types, compileCode(outDir)]);
}

/**
 * Compiles the library as it is run: without types, which are not checked either, and without source maps,
 * as the package does not contain the sources they would point to. What is no code is there once, beside
 * CommonJS.
 */
export async function compileCode(outDir: string): Promise<void> {
  const { cjs, esm } = formats(outDir);
  const modules = join(outDir, 'modules');
  await tsc('tsconfig.bundle.json', modules);
  await bundle(modules, { cjs, esm });
  await rm(modules, { recursive: true });
  await copyPage(join(cjs, PAGE));
  await writeFile(join(esm, 'admin/page-folder.js'), PAGE_FOLDER_OF_ESM);
  // Bundlers look for `sideEffects` in the nearest package.json.
  await writeFile(join(esm, 'package.json'), '{"type":"module","sideEffects":false}\n');
}

function formats(outDir: string): Formats {
  return { cjs: join(outDir, 'cjs'), esm: join(outDir, 'esm') };
}

/** By TypeScript 7, which is native: it writes what 6 does, in a tenth of the time. */
async function tsc(project: string, outDir: string): Promise<void> {
  const program = join(ROOT, 'node_modules/typescript-7/bin/tsc');
  const options = ['--project', join(LIBRARY, project), '--outDir', outDir];
  await runProgram(process.execPath, [program, ...options], { cwd: ROOT });
}

async function copyPage(outDir: string): Promise<void> {
  const folder = join(LIBRARY, 'src', PAGE);
  const names = (await readdir(folder)).filter((name) => PAGE_FILE.test(name));
  await mkdir(outDir, { recursive: true });
  await Promise.all(names.map((name) => cp(join(folder, name), join(outDir, name))));
}
