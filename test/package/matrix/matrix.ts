import { BUILD_CHECKS } from './build.checks.js';
import type { Check } from './check.js';
import { COMMAND } from './command.check.js';
import { ENTRY_POINTS_LOAD, ONE_COPY } from './loading.checks.js';
import { NEWCOMER } from './newcomer.check.js';
import { NESTS, type Nest } from './packages.js';
import { INCOMPLETE_KINDS, PROJECT_KINDS, type ProjectKind } from './project-kind.js';
import { JEST, VITEST } from './test-runner.checks.js';

/** Projects that share an installation, and what is tried in each of them. */
export interface Installation {
  readonly nest: Nest;
  readonly kinds: readonly ProjectKind[];
  readonly checks: readonly Check[];
}

export const CHECKS: readonly Check[] = [
  ...BUILD_CHECKS,
  JEST,
  VITEST,
  ENTRY_POINTS_LOAD,
  ONE_COPY,
  COMMAND,
  NEWCOMER,
];

/** Everything: `npm run matrix`. */
export const WHOLE_MATRIX: readonly Installation[] = [
  ...NESTS.map((nest) => ({
    nest,
    kinds: PROJECT_KINDS.filter((kind) => kind.nest === nest),
    checks: CHECKS,
  })),
  ...INCOMPLETE_KINDS.map((kind) => ({
    nest: kind.nest,
    kinds: [kind],
    checks: [ENTRY_POINTS_LOAD],
  })),
];

/** What every run of the tests tries. */
export const REDUCED_MATRIX: readonly Installation[] = [
  {
    nest: 11,
    kinds: [{ nest: 11, format: 'CommonJS' }],
    checks: checksNamed(
      'tsc, node10',
      'tsc, nodenext',
      'Express',
      'entry points',
      '`redis-cache`',
      '`redis-cache init`',
    ),
  },
  {
    nest: 12,
    kinds: [{ nest: 12, format: 'ES modules' }],
    checks: checksNamed('tsc, nodenext', 'Fastify', 'entry points', '`import` = `require`'),
  },
];

function checksNamed(...names: readonly string[]): Check[] {
  return CHECKS.filter(({ name }) => names.includes(name));
}
