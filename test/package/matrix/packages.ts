import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIBRARY } from '../../../tools/package/folders.js';
import type { Manifest } from '../../../tools/package/published-manifest.js';

export const NESTS = [10, 11, 12] as const;
export type Nest = (typeof NESTS)[number];

const MANIFEST = JSON.parse(readFileSync(join(LIBRARY, 'package.json'), 'utf8')) as Manifest;

/** Peers that a project may do without. */
export const OPTIONAL_PEERS: readonly string[] = Object.keys(MANIFEST.peerDependenciesMeta);

/** Peers that every project has. */
export const REQUIRED_PEERS: readonly string[] = Object.keys(MANIFEST.peerDependencies).filter(
  (name) => !OPTIONAL_PEERS.includes(name),
);

/** The entry points that need optional peers, in the order they are loaded; all others do without. */
export const NEEDED_PEERS: Readonly<Record<string, readonly string[]>> = {
  'cache-manager': ['@nestjs/cache-manager', 'keyv'],
  health: ['@nestjs/terminus'],
  metrics: ['prom-client'],
  opentelemetry: ['@opentelemetry/api'],
  throttler: ['@nestjs/throttler'],
};

/** The newest that run on Node 20, and beside Nest 10 the oldest that the library takes. */
const VERSIONS = {
  '@nestjs/throttler': '6.7.1',
  '@opentelemetry/api': '1.9.1',
  '@swc/cli': '0.8.1',
  '@swc/core': '1.16.18',
  '@swc/jest': '0.2.39',
  '@types/node': '20.19.24',
  ioredis: '6.0.0',
  jest: '30.5.2',
  keyv: '5.6.0',
  'prom-client': '15.1.3',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  'ts-jest': '29.4.15',
  vitest: '4.1.12',
} as const;

const VERSIONS_BESIDE: Readonly<Record<Nest, Readonly<Record<string, string>>>> = {
  10: {
    '@nestjs/cache-manager': '3.1.3',
    '@nestjs/common': '10.4.22',
    '@nestjs/core': '10.4.22',
    '@nestjs/platform-express': '10.4.22',
    '@nestjs/platform-fastify': '10.4.22',
    '@nestjs/terminus': '11.1.1',
    '@nestjs/testing': '10.4.22',
    ioredis: '5.9.0',
    jest: '29.7.0',
    'reflect-metadata': '0.1.14',
    typescript: '5.9.3',
  },
  11: {
    '@nestjs/cache-manager': '3.1.3',
    '@nestjs/common': '11.2.10',
    '@nestjs/core': '11.2.10',
    '@nestjs/platform-express': '11.2.10',
    '@nestjs/platform-fastify': '11.2.8',
    '@nestjs/terminus': '11.1.1',
    '@nestjs/testing': '11.2.6',
    typescript: '5.9.3',
  },
  12: {
    '@nestjs/cache-manager': '12.0.0',
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/platform-express': '12.5.1',
    '@nestjs/platform-fastify': '12.5.0',
    '@nestjs/terminus': '12.1.0',
    '@nestjs/testing': '12.1.1',
    typescript: '6.0.3',
  },
};

/** Packages with the version that goes with this Nest. */
export function pinned(nest: Nest, names: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = { ...VERSIONS, ...VERSIONS_BESIDE[nest] };
  return Object.fromEntries(
    names.map((name) => {
      const version = versions[name];
      if (version === undefined) throw new Error(`Which ${name} goes with Nest ${nest}?`);
      return [name, version];
    }),
  );
}
