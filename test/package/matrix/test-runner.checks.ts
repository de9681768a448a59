import type { Check } from './check.js';
import type { ProjectKind } from './project-kind.js';

export const JEST: Check = {
  name: 'Jest',
  packages: (kind) => [
    'jest',
    '@nestjs/testing',
    '@nestjs/platform-express',
    ...(jestFixture(kind) === 'jest' ? ['ts-jest', 'typescript'] : ['@swc/core', '@swc/jest']),
  ],
  run: async (consumer) => {
    await consumer.take(jestFixture(consumer.kind));
    const env =
      consumer.kind.format === 'CommonJS' ? {} : { NODE_OPTIONS: '--experimental-vm-modules' };
    await consumer.run('jest', ['--ci'], { env });
  },
};

export const VITEST: Check = {
  name: 'Vitest',
  packages: () => ['vitest', '@nestjs/testing', '@nestjs/platform-express'],
  run: async (consumer) => {
    await consumer.take('vitest');
    await consumer.run('vitest', ['run']);
  },
};

/** Jest of Node 20 does not load ES modules by `require`, and Nest 12 is nothing else. */
function jestFixture({ nest, format }: ProjectKind): string {
  if (format === 'ES modules') return 'jest-es-modules';
  return nest === 12 ? 'jest-nest-12' : 'jest';
}
