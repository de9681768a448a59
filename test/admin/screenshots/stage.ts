import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type {
  AdminEntry,
  AdminPageSettings,
  AdminSession,
} from '../../../libs/redis-cache/src/admin/admin.contract.js';
import type { RolloutReport } from '../../../libs/redis-cache/src/cache/cache-rollout.service.js';
import { NOW_MS } from './cast.js';
import type { Story } from './story.js';

const DASHBOARD = path.resolve(__dirname, '../../../libs/redis-cache/src/admin/dashboard');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

const SETTINGS: AdminPageSettings = {
  credentialHeader: null,
  streamIntervalMs: 2_000,
  aliveMs: 1_000,
};
const SESSION: AdminSession = { principal: { kind: 'operator' }, values: 'read' };

/** Where the page is served. */
export interface Stage {
  readonly url: string;
  close(): void;
}

/** Serves the page, with a story in the place of a cache. */
export async function serve(story: Story): Promise<Stage> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(String(request.url), 'http://stage');
    const answer = answerOf(story, pathname, searchParams);
    if (pathname === '/stream') stream(story, response);
    else if (answer === undefined) void file(pathname, response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answerOf(
  { windows, caches, loads }: Story,
  pathname: string,
  query: URLSearchParams,
): unknown {
  switch (pathname) {
    case '/assets/settings.json':
      return SETTINGS;
    case '/session':
      return SESSION;
    case '/statistics':
      return windows[String(query.get('window'))];
    case '/caches':
      return { caches };
    case '/rollouts':
      return { rollouts: caches.map(({ name }) => rolloutOf(name)) };
    case '/loads':
      return { slowest: loads };
    case '/entries':
      return ENTRY;
    default:
      return undefined;
  }
}

/** One cache of them has just begun. */
function rolloutOf(cache: string): RolloutReport {
  const configured = { mode: 'on', percent: 100, tenants: [] } as const;
  if (cache !== 'lead.search') {
    return { cache, state: configured, configured, overridden: false, version: 0 };
  }
  const state = { mode: 'on', percent: 25, tenants: ['acme'] } as const;
  return { cache, state, configured, overridden: true, version: 3 };
}

function stream({ figures, events }: Story, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const told = figures.map((each) => `event: figures\ndata: ${JSON.stringify(each)}\n\n`);
  told.push(`event: events\ndata: ${JSON.stringify({ events, gap: false })}\n\n`);
  response.write(told.join(''));
}

async function file(pathname: string, response: ServerResponse): Promise<void> {
  const name = pathname === '/' ? 'index.html' : path.basename(pathname);
  const bytes = await readFile(path.join(DASHBOARD, name)).catch(() => undefined);
  const type = TYPES[path.extname(name)];
  if (bytes && type) response.setHeader('content-type', type).end(bytes);
  else response.writeHead(404).end();
}

const ENTRY: AdminEntry = {
  mode: 'redis',
  connection: { kind: 'ready', sinceMs: NOW_MS - 378_000 },
  entry: {
    tenant: 'acme',
    cache: 'lead.byPhone',
    version: 1,
    key: '+15557204418',
    redisKey: 'crm:{acme/lead.byPhone@1/+15557204418}',
  },
  outlook: { kind: 'hit', tier: 'near', refreshes: false },
  near: {
    kind: 'entry',
    state: 'fresh',
    ageMs: 21_000,
    ttlLeftMs: 9_000,
    graceLeftMs: 0,
    refreshDue: false,
    bytes: 742,
    stamps: [],
  },
  persistent: undefined,
  far: {
    kind: 'entry',
    state: 'fresh',
    ageMs: 194_000,
    ttlLeftMs: 706_000,
    graceLeftMs: 3_600_000,
    refreshDue: false,
    bytes: 518,
    compressed: false,
    codec: { id: 1, name: 'json' },
    stamps: [
      { level: 'tenant', tag: undefined, entry: 'a', current: 'a', holds: true },
      { level: 'tag', tag: 'lead~42', entry: 'b', current: 'b', holds: true },
    ],
  },
  flights: 0,
  lease: undefined,
  lastInvalidation: { level: 'entry', by: 'another process', atMs: NOW_MS - 197_000 },
  bus: 'proven',
  value: { kind: 'json', json: { phone: '+15557204418', name: 'Ada Lovelace', score: 87 } },
};
