import { findRedisBinary } from '../../support/redis/redis-binary.js';
import { scenario, type Scenario } from '../scenario.js';
import { SingleServer } from '../stages.js';

const PAUSE_MS = 1_000;
const ENTRIES_TO_LOAD = 3_000;
/** For each entry, so that loading takes a second and a half. */
const LOAD_DELAY_MICROSECONDS = 500;

/** A server that can be made to load its data for a while, and answers meanwhile that it does. */
function slowToLoad(): Promise<SingleServer> {
  const debug = Number.parseInt(findRedisBinary()?.version ?? '', 10) >= 7;
  return SingleServer.start(
    ...(debug ? ['--enable-debug-command', 'yes'] : []),
    ...['--key-load-delay', `${LOAD_DELAY_MICROSECONDS}`],
    ...['--loading-process-events-interval-bytes', '1024'],
  );
}

/** The server is gone, hangs or is busy with itself. */
export const SERVER_SCENARIOS: readonly Scenario[] = [
  scenario({
    name: 'the server is killed, and restarted with its data (AOF)',
    stage: () => SingleServer.persistent(),
    mode: 'fallback',
    strike: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  }),
  scenario({
    name: 'the server is killed, and restarted empty',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    strike: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  }),
  scenario({
    name: 'the server is stopped in good order, and restarted empty',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    strike: ({ server }) => server.stop(),
    heal: ({ server }) => server.restart(),
  }),
  scenario({
    name: 'the server hangs (SIGSTOP)',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    lastsMs: 5_000,
    told: /did not answer within/,
    strike: ({ server }) => server.pause(),
    heal: ({ server }) => server.resume(),
  }),
  scenario({
    name: 'the server pauses its clients (CLIENT PAUSE)',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    told: /did not answer within/,
    lastsMs: 0,
    strike: ({ admin }) => admin.call('CLIENT', 'PAUSE', PAUSE_MS, 'ALL'),
    // Answered once the pause is over.
    heal: ({ admin }) => admin.ping(),
  }),
  scenario({
    name: 'the server loads its data (LOADING)',
    stage: slowToLoad,
    mode: 'fallback',
    told: /LOADING/,
    lastsMs: 0,
    strike: async ({ admin }) => {
      await admin.call('DEBUG', 'POPULATE', ENTRIES_TO_LOAD);
      // Answered once it is loaded, which is waited for below.
      admin.call('DEBUG', 'RELOAD').catch(() => undefined);
    },
    heal: ({ admin }) => admin.ping(),
  }),
];
