import { join, resolve } from 'node:path';
import { ProjectError } from './project.error.js';
import { readText } from './text-file.js';

/** Where in a folder the application is meant to be. */
export interface ProjectChoice {
  /** Its root module, from the folder, as `src/app.module.ts` or `src/app.module.ts#AppModule`. */
  readonly module?: string;
  /** Its name in the `projects` of nest-cli.json. */
  readonly project?: string;
}

/** A project of a user's, as far as setting it up depends on it. Paths are absolute. */
export interface NestProject {
  readonly folder: string;
  /** That of the application. */
  readonly name: string;
  readonly sources: string;
  readonly module: string;
  /** Its class, if that was said. */
  readonly moduleClass: string | undefined;
  /** Whether the files next to its package.json are ES modules. */
  readonly esModules: boolean;
  /** Names of the packages that it says it needs. */
  readonly dependencies: readonly string[];
}

interface PackageJson {
  readonly name?: string;
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface NestCliJson {
  readonly sourceRoot?: string;
  readonly projects?: Readonly<Record<string, { readonly sourceRoot?: string } | undefined>>;
}

/** @throws {ProjectError} there is no such project in the folder */
export async function readProject(folder: string, choice: ProjectChoice): Promise<NestProject> {
  const manifest = await readJson<PackageJson>(join(folder, 'package.json'));
  if (!manifest) {
    throw new ProjectError(
      `There is no package.json in ${folder}. Run this in the folder of a Nest project.`,
    );
  }
  const nest = (await readJson<NestCliJson>(join(folder, 'nest-cli.json'))) ?? {};
  const sources = resolve(folder, sourceRootOf(nest, choice.project));
  const [path, moduleClass] = (choice.module ?? '').split('#', 2);
  return {
    folder,
    name: choice.project ?? manifest.name ?? 'app',
    sources,
    module: path ? resolve(folder, path) : join(sources, 'app.module.ts'),
    moduleClass,
    esModules: manifest.type === 'module',
    dependencies: Object.keys(manifest.dependencies ?? {}),
  };
}

/** As the Nest CLI takes it: without a name, that of the default project. */
function sourceRootOf(nest: NestCliJson, project: string | undefined): string {
  if (project === undefined) return nest.sourceRoot ?? 'src';
  const known = nest.projects ?? {};
  const named = Object.hasOwn(known, project) ? known[project] : undefined;
  if (named?.sourceRoot !== undefined) return named.sourceRoot;
  const names = Object.keys(known);
  throw new ProjectError(
    `--project is '${project}'; expected ${names.length > 0 ? `one of ${names.join(', ')}` : 'none, as nest-cli.json has no projects'}.`,
  );
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as T;
  } catch {
    throw new ProjectError(`${path} is no JSON.`);
  }
}
