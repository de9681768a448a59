import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIBRARY, ROOT } from './folders.js';
import { runProgram } from './run-program.js';

/** The page of the dashboard, which browsers run as it is. */
const PAGE = 'admin/dashboard';
const PAGE_FILE = /\.(?:html|css|js|svg)$/;
const PAGE_FOLDER_OF_ESM = `import { fileURLToPath } from 'node:url';
export const PAGE_FOLDER = fileURLToPath(new URL('../../cjs/${PAGE}', import.meta.url));
`;

/**
 * Compiles the library twice from the same sources, to CommonJS and to ES modules. What is no code is
 * there once, beside the first.
 */
export async function compile(outDir: string): Promise<void> {
  const [cjs, esm] = [join(outDir, 'cjs'), join(outDir, 'esm')];
  await Promise.all([tsc('tsconfig.lib.json', cjs), tsc('tsconfig.esm.json', esm)]);
  await copyPage(join(cjs, PAGE));
  await writeFile(join(esm, 'admin/page-folder.js'), PAGE_FOLDER_OF_ESM);
  // Bundlers look for `sideEffects` in the nearest package.json.
  await writeFile(join(esm, 'package.json'), '{"type":"module","sideEffects":false}\n');
}

/** Without source maps: the package does not contain the sources they would point to. */
async function tsc(project: string, outDir: string): Promise<void> {
  const program = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--project', join(LIBRARY, project), '--outDir', outDir, '--sourceMap', 'false'];
  await runProgram(process.execPath, [program, ...options], { cwd: ROOT });
}

async function copyPage(outDir: string): Promise<void> {
  const folder = join(LIBRARY, 'src', PAGE);
  const names = (await readdir(folder)).filter((name) => PAGE_FILE.test(name));
  await mkdir(outDir);
  await Promise.all(names.map((name) => cp(join(folder, name), join(outDir, name))));
}
