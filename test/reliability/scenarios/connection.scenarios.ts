import { eventually } from '../../integration/support/eventually.js';
import { scenario, type Scenario } from '../scenario.js';
import { ProxiedServer, SingleServer } from '../stages.js';

const PROCESSES = 2;
const RECONNECTS = 20;
/** Some more: now and then one meets a connection that is not one for commands yet. */
const KILLS = 25;
/** Longer than a command may take. */
const DELAY_MS = 300;
/** Past the moment when a connection that is silent is cut and made anew. */
const HALF_OPEN_MS = 3_000;

/** The server is well, and the way to it is not. */
export const CONNECTION_SCENARIOS: readonly Scenario[] = [
  scenario({
    name: 'the connections that listen are closed (CLIENT KILL)',
    stage: () => SingleServer.start(),
    mode: 'redis',
    cutsOff: false,
    lastsMs: 0,
    strike: (stage) => stage.killClients('pubsub'),
    over: (stage) => stage.reconnected('pubsub', PROCESSES),
  }),
  scenario({
    name: 'the connections for commands are closed (CLIENT KILL)',
    stage: () => SingleServer.start(),
    mode: null,
    lastsMs: 0,
    strike: (stage) => stage.killClients('normal'),
    over: (stage) => stage.reconnected('normal', PROCESSES),
  }),
  scenario({
    name: `they are closed more than ${RECONNECTS} times in a row`,
    stage: () => SingleServer.start(),
    mode: null,
    reconnects: RECONNECTS,
    lastsMs: 0,
    strike: async (stage) => {
      for (let i = 0; i < KILLS; i++) {
        await stage.reconnected('normal', await stage.killClients('normal'));
      }
    },
  }),
  scenario({
    name: 'the network cuts all connections and lets none through',
    stage: () => ProxiedServer.start(),
    mode: 'fallback',
    strike: ({ proxies }) => proxies.forEach((proxy) => proxy.cut()),
    heal: ({ proxies }) => proxies.forEach((proxy) => proxy.heal()),
  }),
  scenario({
    name: `the network takes ${DELAY_MS} ms each way`,
    stage: () => ProxiedServer.start(),
    mode: 'fallback',
    told: /did not answer within/,
    lastsMs: 1_000,
    strike: ({ proxies }) => proxies.forEach((proxy) => proxy.delay(DELAY_MS)),
    heal: ({ proxies }) => proxies.forEach((proxy) => proxy.heal()),
  }),
  halfOpen('the network swallows what one process sends (half-open)', 'toServer'),
  halfOpen('the network swallows what one process is sent (half-open)', 'toClient'),
  scenario({
    name: 'the network swallows the messages that one process listens for (half-open)',
    stage: () => ProxiedServer.start(),
    mode: 'redis',
    lastsMs: 0,
    strike: ({ proxies }) => proxies[1].swallowMessages(),
    over: ({ proxies }) => eventually('it listens anew', () => proxies[1].listeners > 0),
  }),
];

function halfOpen(name: string, direction: 'toServer' | 'toClient'): Scenario {
  return scenario({
    name,
    stage: () => ProxiedServer.start(),
    mode: 'fallback',
    secondAlone: true,
    leasesLapse: true,
    told: /did not answer within/,
    lastsMs: HALF_OPEN_MS,
    strike: ({ proxies }) => proxies[1].swallow(direction),
    heal: ({ proxies }) => proxies[1].heal(),
  });
}
