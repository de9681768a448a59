import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../tools/package/folders.js';
import { publishedManifest } from '../../tools/package/published-manifest.js';
import { runProgram } from '../../tools/package/run-program.js';

/** Jest cannot load what checks types, Node can. */
const CHECK = [
  '--require',
  './test/support/typescript/register.cjs',
  'tools/package/check.program.ts',
];

/** As much of a package.json as is needed to be packed. */
const SOUND = publishedManifest(
  {
    name: 'sound',
    version: '1.0.0',
    type: 'commonjs',
    license: 'MIT',
    sideEffects: false,
    engines: { node: '>=20' },
    files: ['dist'],
    dependencies: {},
    peerDependencies: {},
    peerDependenciesMeta: {},
  },
  ['extra'],
);

describe('checking a package', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checked-package-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('finds nothing in one whose types are those of its code', async () => {
    expect(await check(SOUND)).toBe('');
  });

  it('finds files that are not there, types of another format, and entry points that are not found', async () => {
    const mixed = { types: './dist/cjs/index.d.ts', default: './dist/esm/index.js' };
    const broken = {
      ...SOUND,
      main: './dist/cjs/other.js',
      exports: { ...SOUND.exports, '.': mixed },
      typesVersions: {},
    };
    const problems = await check(broken).catch(String);
    expect(problems).toContain('./dist/cjs/other.js');
    expect(problems).toContain('FalseCJS');
    expect(problems).toMatch(/"NoResolution".*"\.\/extra".*"node10"/);
  });

  /** Rejects with what is wrong. */
  async function check(manifest: object): Promise<string> {
    const tarball = await packed(manifest);
    return runProgram(process.execPath, [...CHECK, tarball], { cwd: ROOT });
  }

  async function packed(manifest: object): Promise<string> {
    const code = { esm: 'export const one = 1;\n', cjs: 'exports.one = 1;\n' };
    const files = Object.entries(code).flatMap(([format, text]) =>
      ['index', 'extra/index'].flatMap((name) => [
        [`dist/${format}/${name}.js`, text],
        [`dist/${format}/${name}.d.ts`, 'export declare const one = 1;\n'],
      ]),
    );
    await write(Object.fromEntries(files));
    await write({
      'dist/esm/package.json': '{"type":"module"}\n',
      'package.json': JSON.stringify(manifest),
      'README.md': '# Sound\n',
    });
    await runProgram('npm', ['pack', '--silent'], { cwd: folder });
    return join(folder, 'sound-1.0.0.tgz');
  }

  async function write(files: Record<string, string>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  }
});
