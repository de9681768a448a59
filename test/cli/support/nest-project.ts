import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const OWN_MODULES = join(__dirname, '../../../node_modules');

/** What the project has to have for `init` to find nothing missing, with versions that it takes. */
export const PACKAGES: Readonly<Record<string, string>> = {
  '@nestjs/common': '11.1.0',
  '@nestjs/core': '11.1.0',
  ioredis: '6.0.0',
  'nestjs-redis-cache': '0.1.0',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
};

/** Texts by path. */
export type Files = Readonly<Record<string, string>>;

/** A folder with a Nest project, as far as `init` looks at it. */
export class NestProjectFolder {
  private constructor(readonly path: string) {}

  /** @param packages versions by name, as they would be installed */
  static async create(
    files: Files,
    packages: Readonly<Record<string, string>> = PACKAGES,
  ): Promise<NestProjectFolder> {
    const folder = new NestProjectFolder(await mkdtemp(join(tmpdir(), 'nest-project-')));
    const manifests = Object.entries(packages).map(([name, version]) => [
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version }),
    ]);
    await folder.write({ ...(Object.fromEntries(manifests) as Files), ...files });
    await mkdir(join(folder.path, 'node_modules'), { recursive: true });
    await symlink(join(OWN_MODULES, 'typescript'), join(folder.path, 'node_modules/typescript'));
    return folder;
  }

  async write(files: Files): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.path, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /** All files but those of packages. */
  async files(): Promise<Files> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.path.length + 1))
      .filter((path) => !path.startsWith('node_modules'))
      .sort();
    const texts = paths.map(async (path) => [path, await readFile(join(this.path, path), 'utf8')]);
    return Object.fromEntries((await Promise.all(texts)) as [string, string][]);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

/** Makes projects for the tests of one block, and removes them after each. */
export class NestProjectFolders {
  private readonly folders: NestProjectFolder[] = [];

  constructor() {
    afterEach(async () => {
      for (const folder of this.folders.splice(0)) await folder.remove();
    });
  }

  async create(files: Files, packages = PACKAGES): Promise<NestProjectFolder> {
    const folder = await NestProjectFolder.create(files, packages);
    this.folders.push(folder);
    return folder;
  }
}
