import { existsSync } from 'node:fs';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.spec.ts', '**/*.fixture.ts', 'test/**/*.ts'];

// The libraries that bench/peers sets up are installed on demand, and their types with them.
const withPeers = existsSync(new URL('bench/node_modules', import.meta.url));

/** What a browser runs as it is, checked by its own TypeScript project, and the specs of that. */
const PAGE = 'libs/redis-cache/src/admin/dashboard/';

const nodeGlobals = Object.fromEntries(
  Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']),
);

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/coverage/',
      '.data/',
      `${PAGE}uplot.js`,
      ...(withPeers ? [] : ['bench/peers/']),
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,

  {
    name: 'all TypeScript: with types, strict',
    files: ['**/*.ts', '**/*.mts', `${PAGE}*.js`],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      // Decorator metadata is emitted: the rules that turn imports into `import type` have to keep
      // the classes that Nest injects.
      parserOptions: {
        project: [
          './tsconfig.json',
          './tsconfig.dashboard.json',
          ...(withPeers ? ['./bench/tsconfig.json'] : []),
        ],
        tsconfigRootDir: import.meta.dirname,
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode, or throw: work under way must be able to end.',
        },
      ],
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Modules of Nest.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `!` is banned, so what is known to be there (noUncheckedIndexedAccess) is said by `as`.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Numbers print as they are meant to.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Nest declares many options as classes and takes plain objects for them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A leading underscore says that a parameter is there for its position only.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true },
      ],
    },
  },

  {
    name: 'the page: its types stand in comments, and the compiler knows what a browser has',
    files: [`${PAGE}*.js`],
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // These do not see what a comment says that a value is.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },

  {
    name: 'declarations: an interface of another package gets the members of one of ours',
    files: ['test/**/*.d.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
    },
  },

  {
    name: 'tests: answers of HTTP and mocks have no types, and a fake need not await',
    files: TESTS,
    rules: {
      'no-console': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/require-await': 'off',
      // `expect(mock.method)` only looks at the method.
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    name: 'what runs from a terminal',
    files: [
      'apps/*/src/main.ts',
      'apps/*/src/demo/**/*.ts',
      'bench/**/*.ts',
      'tools/**/*.program.ts',
    ],
    rules: { 'no-console': 'off' },
  },

  {
    name: 'plain scripts of Node',
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: { ...nodeGlobals, __dirname: 'readonly' },
    },
  },
);
