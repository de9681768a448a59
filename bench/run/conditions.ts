import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem, type } from 'node:os';
import path from 'node:path';
import { findRedisBinary } from '../../test/support/redis/redis-binary.js';
import { ownCache } from '../contenders/caches.js';
import { MAP, RAW, SKETCH } from '../contenders/names.js';
import { allPeers } from '../peer-libraries.js';
import type { ContenderNote, RunConditions } from '../report/results.js';

const ROOT = path.resolve(__dirname, '../..');

/** Where and with what this run is made. */
export function conditionsOf(quick: boolean): RunConditions {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    quick,
    machine: machine(),
    versions: {
      Node: process.version.slice(1),
      Redis: redisVersion(),
      NestJS: versionOf('@nestjs/core'),
      ioredis: `${versionOf('ioredis')} and ${versionOf('ioredis-5')}`,
    },
  };
}

/** What a reader has to know of those who took part. */
export function contenderNotes(withPeers: boolean): ContenderNote[] {
  const byHand: ContenderNote[] = [
    {
      name: MAP,
      version: 'of Node',
      settings: 'An async function over a Map; no bounds, no ends.',
    },
    {
      name: RAW,
      version: versionOf('ioredis'),
      settings:
        'The defaults of the client. Read and parse, else load and store as JSON with a ttl.',
    },
    {
      name: SKETCH,
      version: 'of this benchmark',
      settings:
        'By hand as well: reads, leases and fills of a tick gathered, a near tier that copies its values for each caller, in the fastest way there is, a channel on which writes are told. No tenants, stamps, ends, bounds in bytes, flights, outages, statistics; nobody waits for a lease; what it keeps may be overtaken. A floor, not a cache.',
    },
  ];
  const peers = withPeers ? allPeers() : [];
  return [ownCache, ...byHand, ...peers].map(({ name, version, settings }) => ({
    name,
    version,
    settings,
  }));
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${String(availableParallelism())} cores (${cpu?.model.trim() ?? 'unknown'}), ${String(memory)} GB, ${type()}`;
}

function redisVersion(): string {
  const binary = findRedisBinary();
  if (!binary) throw new Error('Neither redis-server nor valkey-server is on PATH.');
  return binary.version;
}

function versionOf(name: string): string {
  const manifest = path.join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
