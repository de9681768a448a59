import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import {
  rollup,
  type OutputOptions,
  type Plugin,
  type RollupOptions,
  type RollupOutput,
} from 'rollup';
import { entryPoints } from './entry-points.js';

/** Where code goes, as CommonJS and as ES modules. */
export type Formats = Readonly<Record<'cjs' | 'esm', string>>;

/** Knows its own folder, and so has to stay where it is. */
const PAGE_FOLDER = 'admin/page-folder';
const COMMAND = 'cli/main';

/** What ES modules import in place of ioredis. */
const CLIENT = '../cjs/ioredis.js';

/** As it was written. From arrow functions, Node does not tell what is exported. */
const READABLE = {
  generatedCode: { constBindings: true, objectShorthand: true },
  esModule: true,
  exports: 'named',
  hoistTransitiveImports: false,
  minifyInternalExports: false,
} satisfies OutputOptions;

/** What decorators compile to is there once, not in each file that has one. */
const helpers: Plugin = {
  name: 'helpers',
  resolveId: (id) => (id === 'tslib' ? require.resolve('tslib/tslib.es6.mjs') : null),
};

const COMMON = { external: isPackage, plugins: [helpers] } satisfies RollupOptions;

/** Puts the ES modules in `modules` together into few files; docs/decisions/0018-few-files.md says why. */
export async function bundle(modules: string, formats: Formats): Promise<void> {
  const from = (...names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, join(modules, `${name}.js`)]));
  await bundleLibrary(
    from('index', ...entryPoints().map((name) => `${name}/index`), PAGE_FOLDER),
    formats,
  );
  await bundleCommand(from(COMMAND), formats.cjs);
}

/** All that the main entry point reaches is in `core.js`, which the others import as well. */
async function bundleLibrary(input: Record<string, string>, { cjs, esm }: Formats): Promise<void> {
  const library = await rollup({ ...COMMON, input });
  const output = {
    ...READABLE,
    chunkFileNames: '[name].js',
    manualChunks: { core: [String(input.index)] },
  };
  await library.write({ ...output, format: 'cjs', dir: cjs });
  const written = await library.write({
    ...output,
    format: 'es',
    dir: esm,
    paths: { ioredis: CLIENT },
  });
  await library.close();
  await writeFile(join(esm, CLIENT), clientOf(written));
}

/**
 * The file for `CLIENT`: from CommonJS that an ES module imports, Node reads what it exports before it runs
 * it, and for ioredis that takes as long as loading the library.
 */
function clientOf({ output }: RollupOutput): string {
  const names = output.flatMap((file) =>
    'importedBindings' in file ? (file.importedBindings[CLIENT] ?? []) : [],
  );
  const lines = names.map((name) => `exports.${name} = client.${name};\n`);
  return `'use strict';\n\nconst client = require('ioredis');\n\n${lines.join('')}`;
}

/** By itself, so that it loads no more of the library than it needs. */
async function bundleCommand(input: Record<string, string>, dir: string): Promise<void> {
  const command = await rollup({ ...COMMON, input });
  await command.write({ ...READABLE, chunkFileNames: 'cli/[name].js', format: 'cjs', dir });
  await command.close();
}

function isPackage(id: string): boolean {
  return id !== 'tslib' && !id.startsWith('.') && !isAbsolute(id);
}
