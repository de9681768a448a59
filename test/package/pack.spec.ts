import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** It installs packages for real. */
const INSTALL_TIMEOUT_MS = 180_000;
const COMPILE_TIMEOUT_MS = 60_000;

const ROOT = join(__dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
/** What a project has that uses the library without any of its optional peers. */
const PEERS = ['@nestjs/common', '@nestjs/core', 'ioredis', 'reflect-metadata', 'rxjs'];

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

describe('the packed library, installed in a project of its own', () => {
  let folder: string;
  let tarball: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-redis-cache-consumer-'));
    await run('node', [join(ROOT, 'tools/pack.mjs'), '--out', folder], ROOT);
    const { version } = await manifest('libs/redis-cache/package.json');
    tarball = `nestjs-redis-cache-${version}.tgz`;

    await cp(join(__dirname, 'consumer'), folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify(await consumer()));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], folder);
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** The very versions this repository is tested with. */
  async function consumer(): Promise<object> {
    const { dependencies, devDependencies } = await manifest('package.json');
    const pinned = PEERS.map((name) => [name, dependencies[name]]);
    return {
      private: true,
      dependencies: { ...Object.fromEntries(pinned), 'nestjs-redis-cache': `file:${tarball}` },
      devDependencies: { '@types/node': devDependencies['@types/node'] },
    };
  }

  it('contains the compiled library and its documents, and nothing else', async () => {
    const files = await readdir(join(folder, 'node_modules/nestjs-redis-cache'), {
      recursive: true,
      withFileTypes: true,
    });
    const page = join('dist', 'admin', 'dashboard');
    const isPage = ({ parentPath }: { parentPath: string }): boolean => parentPath.endsWith(page);
    const unexpected = files
      .filter((file) => file.isFile() && !isPage(file))
      .filter(({ name }) => !/^(?!.*\.(?:spec|fixture)\.)[^.]+.*\.(?:js|d\.ts)$/.test(name))
      .map(({ name }) => name);
    expect(unexpected.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('has a command that runs', async () => {
    const command = join(folder, 'node_modules/.bin/redis-cache');
    const { version } = await manifest('libs/redis-cache/package.json');
    expect(await run(command, ['--version'], folder)).toBe(`${version}\n`);
    const url = String(process.env.REDIS_URL);
    const health = await run(command, ['health', '--url', url, '--json'], folder);
    expect(JSON.parse(health)).toMatchObject({ status: 'ok' });
  });

  it('needs three other packages at most, beside its peers', async () => {
    const { dependencies } = await manifest('libs/redis-cache/package.json');
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(3);
  });

  it('contains the page of the dashboard, whole and as it stands in the sources', async () => {
    const [page, sources] = [
      join(folder, 'node_modules/nestjs-redis-cache/dist/admin/dashboard'),
      join(ROOT, 'libs/redis-cache/src/admin/dashboard'),
    ];
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

  it(
    'is compiled against, and answers the second call from the cache',
    async () => {
      await run('node', [TSC, '--project', 'tsconfig.json'], folder);
      const output = await run('node', ['out/main.js'], folder);
      expect(JSON.parse(output)).toEqual({ loads: 1, isSecondEqual: true });
    },
    COMPILE_TIMEOUT_MS,
  );

  it.each([
    ['nodenext', []],
    ['node10', ['--module', 'commonjs', '--ignoreDeprecations', '6.0']],
  ])(
    'has types at every entry point for projects that resolve modules as %s',
    async (resolution, options) => {
      const project = ['--project', 'tsconfig.types.json', '--moduleResolution', resolution];
      await run('node', [TSC, ...project, ...options], folder);
    },
    COMPILE_TIMEOUT_MS,
  );
});

async function manifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, path), 'utf8')) as Manifest;
}

/** Resolves to what the program printed; a failure tells all it said. */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
