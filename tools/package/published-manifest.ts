/** What is read of a package.json here; the rest is passed on. */
export interface Manifest {
  readonly [field: string]: unknown;
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

interface Conditions {
  readonly 'module-sync': Target;
  readonly import: Target;
  readonly require: Target;
}

/** Types go before the code, or TypeScript does not look for them. */
interface Target {
  readonly types: string;
  readonly default: string;
}

export interface PublishedManifest extends Manifest {
  readonly main: string;
  readonly types: string;
  readonly exports: Readonly<Record<string, Conditions | string>>;
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> };
}

/**
 * The package.json of the library with all that follows from its entry points.
 *
 * `module-sync` has Node load the same ES modules by `import` and by `require`, where it can do that
 * (20.19, 22.12 and newer): two copies would have two classes of each name, and Nest injects by class.
 * Everything else finds `import` and `require`, and resolution as in Node 10 finds `main` and
 * `typesVersions`.
 */
export function publishedManifest(
  { name, version, ...others }: Manifest,
  entryPoints: readonly string[],
): PublishedManifest {
  const { types, default: main } = target('cjs', 'index');
  return {
    name,
    version,
    ...others,
    main,
    types,
    exports: {
      '.': conditions('index'),
      ...Object.fromEntries(
        entryPoints.map((entryPoint) => [`./${entryPoint}`, conditions(`${entryPoint}/index`)]),
      ),
      './package.json': './package.json',
    },
    typesVersions: {
      '*': Object.fromEntries(
        entryPoints.map((entryPoint) => [entryPoint, [target('cjs', `${entryPoint}/index`).types]]),
      ),
    },
  };
}

function conditions(file: string): Conditions {
  const esm = target('esm', file);
  return { 'module-sync': esm, import: esm, require: target('cjs', file) };
}

function target(format: 'cjs' | 'esm', file: string): Target {
  return { types: `./dist/${format}/${file}.d.ts`, default: `./dist/${format}/${file}.js` };
}
