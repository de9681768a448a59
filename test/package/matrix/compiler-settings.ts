import type { ProjectKind } from './project-kind.js';

/** How TypeScript finds modules; `node10` is what Nest 10 was scaffolded with. */
export const RESOLUTIONS = ['node10', 'node16', 'nodenext', 'bundler'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface CompilerSettings {
  readonly module: string;
  readonly moduleResolution: Resolution;
  readonly ignoreDeprecations?: string;
  readonly skipLibCheck?: boolean;
}

/** What a tsconfig.json says for it; Node runs what comes of it, unless that is for a bundler. */
export function compilerSettings(
  { nest, format }: ProjectKind,
  moduleResolution: Resolution,
): CompilerSettings {
  const plain = format === 'CommonJS' ? 'commonjs' : 'esnext';
  const typescript = nest === 12 ? 6 : 5;
  switch (moduleResolution) {
    case 'node10':
      // Deprecated in TypeScript 6.
      return {
        module: plain,
        moduleResolution,
        ...(typescript === 6 && { ignoreDeprecations: '6.0' }),
      };
    case 'node16':
      // It refuses the types of packages that are CommonJS and import Nest 12, such as Throttler.
      return { module: 'node16', moduleResolution, skipLibCheck: nest === 12 };
    case 'nodenext':
      return { module: 'nodenext', moduleResolution };
    case 'bundler':
      // TypeScript 5 allows it with ES modules only, whatever a bundler makes of them.
      return { module: typescript === 6 ? plain : 'esnext', moduleResolution };
  }
}

export const CODE_SETTINGS = {
  target: 'ES2023',
  strict: true,
  types: ['node'],
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  rootDir: 'src',
} as const;
