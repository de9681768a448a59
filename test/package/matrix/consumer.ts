import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedManifest } from '../../../tools/package/published-manifest.js';
import type { FreshProject, RunPlace } from '../support/fresh-project.js';
import { CODE_SETTINGS, compilerSettings, type Resolution } from './compiler-settings.js';
import type { ProjectKind } from './project-kind.js';

const FIXTURES = join(__dirname, '../fixtures');

/** An application that takes the library. Those of one Nest share an installation. */
export class Consumer {
  private readonly builds = new Map<Resolution, Promise<string>>();
  private programs = 0;

  private constructor(
    readonly kind: ProjectKind,
    private readonly project: FreshProject,
    private readonly at: string,
    readonly redisUrl: string,
    private readonly prefix: string,
  ) {}

  static async create(
    kind: ProjectKind,
    project: FreshProject,
    redisUrl: string,
    prefix: string,
  ): Promise<Consumer> {
    const at = kind.format === 'CommonJS' ? 'cjs' : 'esm';
    const consumer = new Consumer(kind, project, at, redisUrl, `${prefix}:${kind.nest}:${at}`);
    const type = kind.format === 'CommonJS' ? 'commonjs' : 'module';
    await project.write({
      [`${at}/package.json`]: JSON.stringify({ type }),
      [`${at}/src/entry-points.ts`]: entryPointsModule(await consumer.entryPoints()),
      [`${at}/tsconfig.json`]: JSON.stringify({ compilerOptions: CODE_SETTINGS }),
    });
    await consumer.take('app');
    return consumer;
  }

  /** Copies a folder of `fixtures` into the project. */
  async take(fixture: string): Promise<void> {
    await cp(join(FIXTURES, fixture), this.path('.'), { recursive: true });
  }

  /** The package.json of the library, as it is installed. */
  async manifest(): Promise<PublishedManifest> {
    const file = join(this.project.folder, 'node_modules/nestjs-redis-cache/package.json');
    return JSON.parse(await readFile(file, 'utf8')) as PublishedManifest;
  }

  /** Names of its entry points; that of the package itself is empty. */
  async entryPoints(): Promise<string[]> {
    const { exports } = await this.manifest();
    return Object.keys(exports)
      .filter((path) => path !== './package.json')
      .map((path) => path.slice(2));
  }

  /** Compiles with tsc. @returns the folder of what comes of it */
  compiled(resolution: Resolution): Promise<string> {
    const build = this.builds.get(resolution) ?? this.compile(resolution);
    this.builds.set(resolution, build);
    return build;
  }

  /** Where a file or folder of it is. */
  path(name: string): string {
    return join(this.project.folder, this.at, name);
  }

  async rewrite(file: string, change: (text: string) => string): Promise<void> {
    await writeFile(this.path(file), change(await readFile(this.path(file), 'utf8')));
  }

  /** Where Redis is, and keys that nobody else has. */
  environment(): NodeJS.ProcessEnv {
    this.programs += 1;
    return { CACHE_PREFIX: `${this.prefix}:${this.programs}`, REDIS_URL: this.redisUrl };
  }

  /** @returns what the program printed. Each run has keys of its own */
  run(command: string, args: readonly string[], place: RunPlace = {}): Promise<string> {
    return this.project.run(command, args, this.placed(place));
  }

  /** Starts a program that runs until it is killed. */
  start(command: string, args: readonly string[], place: RunPlace): ChildProcessWithoutNullStreams {
    return this.project.start(command, args, this.placed(place));
  }

  private placed({ at = '.', env = {} }: RunPlace): RunPlace {
    return { at: join(this.at, at), env: { ...this.environment(), ...env } };
  }

  private async compile(resolution: Resolution): Promise<string> {
    const outDir = `out/${resolution}`;
    const compilerOptions = {
      ...CODE_SETTINGS,
      ...compilerSettings(this.kind, resolution),
      outDir,
    };
    const name = `tsconfig.${resolution}.json`;
    await writeFile(this.path(name), JSON.stringify({ compilerOptions, include: ['src'] }));
    await this.run('tsc', ['--project', name]);
    return outDir;
  }
}

/** Imports whatever the package has. */
function entryPointsModule(entryPoints: readonly string[]): string {
  return entryPoints
    .map((name) => ['nestjs-redis-cache', name].filter(Boolean).join('/'))
    .map((path, index) => `export * as entryPoint${index} from '${path}';\n`)
    .join('');
}
