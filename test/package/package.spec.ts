import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryPoints } from '../../tools/package/entry-points.js';
import { LIBRARY } from '../../tools/package/folders.js';
import type { PublishedManifest } from '../../tools/package/published-manifest.js';
import { runProgram } from '../../tools/package/run-program.js';
import { Consumer } from './matrix/consumer.js';
import { install } from './matrix/install.js';
import { REDUCED_MATRIX } from './matrix/matrix.js';
import { INCOMPLETE_KINDS } from './matrix/project-kind.js';
import { NEEDED_PEERS, OPTIONAL_PEERS } from './matrix/packages.js';
import { tryCheck } from './matrix/try-check.js';
import type { FreshProject } from './support/fresh-project.js';
import { packedLibrary } from './support/packed-library.js';

/** Everything is compiled and installed for real, on a machine that may be busy. */
const INSTALL_TIMEOUT_MS = 300_000;
const CHECK_TIMEOUT_MS = 120_000;

describe('the packed library', () => {
  let folder: string;
  let tarball: string;
  let unpacked: string;
  let manifest: PublishedManifest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packed-library-'));
    tarball = await packedLibrary(folder);
    await runProgram('tar', ['-xzf', tarball, '-C', folder], { cwd: folder });
    unpacked = join(folder, 'package');
    manifest = JSON.parse(
      await readFile(join(unpacked, 'package.json'), 'utf8'),
    ) as PublishedManifest;
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('contains what is compiled, the page and the documents, and nothing else', async () => {
    const files = await readdir(unpacked, { recursive: true });
    const code = /^dist\/(?:cjs|esm)\/(?!.*\.(?:spec|fixture)\.).+\.(?:js|d\.ts)$/;
    const page = /^dist\/cjs\/admin\/dashboard\/[^/]+$/;
    const others = files.filter((file) => /\.\w+$|LICENSE/.test(file));
    expect(others.filter((file) => !code.test(file) && !page.test(file)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/esm/package.json',
      'package.json',
    ]);
  });

  it('has a file of code for each entry point, one that they share, and two small ones', async () => {
    const expected = [
      'admin/page-folder.js',
      'core.js',
      'index.js',
      ...entryPoints().map((name) => `${name}/index.js`),
    ];
    for (const format of ['cjs', 'esm']) {
      const files = await readdir(join(unpacked, 'dist', format), { recursive: true });
      const code = files.filter((file) => /^(?!cli\/|admin\/dashboard\/).+\.js$/.test(file));
      const small = format === 'cjs' ? ['ioredis.js'] : [];
      expect(code.sort()).toEqual([...expected, ...small].sort());
    }
  });

  it('spares Node looking for exports in the source of ioredis', async () => {
    const files = await readdir(join(unpacked, 'dist/esm'), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      expect(await readFile(join(unpacked, 'dist/esm', file), 'utf8')).not.toContain("'ioredis'");
    }
  });

  it('names each class as the sources do, though many are in one file', async () => {
    const code = await readFile(join(unpacked, 'dist/esm/core.js'), 'utf8');
    const names = [...code.matchAll(/\bclass ([\w$]+) .*{$/gm)].map(([, name]) => String(name));
    expect(names).toContain('CacheService');
    expect(names.filter((name) => name.includes('$'))).toEqual([]);
    expect(names).toHaveLength(new Set(names).size);
  });

  it('contains the page of the dashboard once, whole and as it stands in the sources', async () => {
    const page = join(unpacked, 'dist/cjs/admin/dashboard');
    const sources = join(LIBRARY, 'src/admin/dashboard');
    const expected = (await readdir(sources)).filter((name) => !name.endsWith('.ts')).sort();
    expect(expected).toContain('index.html');
    expect((await readdir(page)).sort()).toEqual(expected);
    for (const name of expected) {
      const [packed, source] = await Promise.all(
        [page, sources].map((at) => readFile(join(at, name))),
      );
      expect(packed?.equals(source as Buffer)).toBe(true);
    }
  });

  it('has an entry point for every folder with an index, for each way to look for it', () => {
    const { exports, typesVersions } = manifest;
    const paths = entryPoints().map((name) => `./${name}`);
    expect(paths).toContain('./admin');
    expect(Object.keys(exports)).toEqual(['.', ...paths, './package.json']);
    expect(exports['./admin']).toEqual({
      'module-sync': { types: './dist/esm/admin/index.d.ts', default: './dist/esm/admin/index.js' },
      import: { types: './dist/esm/admin/index.d.ts', default: './dist/esm/admin/index.js' },
      require: { types: './dist/cjs/admin/index.d.ts', default: './dist/cjs/admin/index.js' },
    });
    expect(typesVersions['*'].admin).toEqual(['./dist/cjs/admin/index.d.ts']);
    expect(Object.keys(typesVersions['*'])).toEqual(entryPoints());
  });

  it('needs three other packages at most, beside its peers', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(3);
  });

  it('is tried without each of its optional peers', () => {
    const without = INCOMPLETE_KINDS.flatMap((kind) => kind.without ?? []);
    expect([...new Set(without)].sort()).toEqual([...OPTIONAL_PEERS].sort());
    expect([...new Set(Object.values(NEEDED_PEERS).flat())].sort()).toEqual(
      [...OPTIONAL_PEERS].sort(),
    );
  });

  describe.each(REDUCED_MATRIX)('installed beside Nest $nest', (installation) => {
    let project: FreshProject | undefined;

    beforeAll(async () => {
      project = await install(installation, tarball);
    }, INSTALL_TIMEOUT_MS);

    afterAll(() => project?.remove());

    describe.each(installation.kinds)('in a project of $format', (kind) => {
      let consumer: Consumer;

      beforeAll(async () => {
        const redisUrl = String(process.env.REDIS_URL);
        const prefix = `${process.env.TEST_RUN_PREFIX ?? ''}:package`;
        consumer = await Consumer.create(kind, project as FreshProject, redisUrl, prefix);
      });

      it.each(installation.checks)(
        'passes: $name',
        async (check) => {
          expect(await tryCheck(check, consumer)).toEqual({ kind: 'works' });
        },
        CHECK_TIMEOUT_MS,
      );
    });
  });
});
