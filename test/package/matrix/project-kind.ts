import type { Nest } from './packages.js';

/** One row of the matrix: what kind of project takes the library. */
export interface ProjectKind {
  readonly nest: Nest;
  readonly format: 'CommonJS' | 'ES modules';
  /** Optional peers that it does not have. */
  readonly without?: readonly string[];
}

export const PROJECT_KINDS: readonly ProjectKind[] = [
  { nest: 10, format: 'CommonJS' },
  { nest: 11, format: 'CommonJS' },
  { nest: 11, format: 'ES modules' },
  { nest: 12, format: 'CommonJS' },
  { nest: 12, format: 'ES modules' },
];

/** Each optional peer is missing once, with what would bring it along. */
export const INCOMPLETE_KINDS: readonly ProjectKind[] = [
  ['@nestjs/cache-manager', 'keyv'],
  ['@nestjs/terminus'],
  ['@nestjs/throttler'],
  ['prom-client'],
  ['@opentelemetry/api', 'prom-client'],
].map((without) => ({ nest: 12, format: 'ES modules', without }));

export function labelOf({ nest, format, without }: ProjectKind): string {
  const label = `Nest ${nest}, ${format}`;
  return without ? `${label}, without ${without.join(' and ')}` : label;
}
