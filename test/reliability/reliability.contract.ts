import { hasRedisBinary } from '../support/redis/redis-server.js';
import { ScenarioRunner, type Figures } from './scenario-runner.js';
import type { Scenario } from './scenario.js';

/** As by default. */
const COMMAND_TIMEOUT_MS = 100;
const LEASE_MS = 3_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** Timers, and the steps of the way that are not Redis. */
const SLACK_MS = 50;
const CLOSE_SLACK_MS = 500;
const LASTS_AT_MOST_MS = 3_000;
const GROWS_AT_MOST_BYTES = 8_000_000;
const RECOVERS_WITHIN_MS = 6_000;

const NOTHING_WRONG = { errors: [], staleReads: 0, flightsLeft: 0 };

/** Runs scenarios one after the other, and expects of each what holds in all of them. */
export function reliabilityContract(scenarios: readonly Scenario[]): void {
  const suite = hasRedisBinary() ? describe : describe.skip;

  suite('two processes under load', () => {
    let runner: ScenarioRunner;

    beforeAll(async () => {
      runner = await ScenarioRunner.start();
    });
    afterAll(() => runner.stop());

    it.each(scenarios.map((each) => [each.name, each] as const))(
      'answer every call in time, and nothing stale, when %s',
      async (_name, scenario) => {
        const lastsMs = Math.min(scenario.lastsMs, LASTS_AT_MOST_MS);
        const figures = await runner.run(scenario, lastsMs);
        if (process.env.SHOW) console.log(JSON.stringify(figures, null, 1));
        expectToHaveStruck(scenario, figures);
        expectToHold(scenario, figures);
      },
      60_000,
    );
  });
}

/** Or nothing is proven by what held. */
function expectToHaveStruck({ told, reconnects = 0 }: Scenario, figures: Figures): void {
  if (told) expect(reasonsOf(figures)).toMatch(told);
  for (const { reconnectPausesMs } of figures.apps) {
    expect(reconnectPausesMs.length).toBeGreaterThanOrEqual(reconnects);
  }
}

function expectToHold(
  { leasesLapse = false }: Scenario,
  { apps, missesThatWait, closedInMs, ...figures }: Figures,
): void {
  const leaseMs = leasesLapse ? LEASE_MS : 0;
  for (const app of apps) {
    const { errors, staleReads, flightsLeft } = app;
    expect({ errors, staleReads, flightsLeft }).toEqual(NOTHING_WRONG);
    const { slowestMs, slowestMethodMs, grownBytes } = app;
    const allowedMs = slowestMethodMs + COMMAND_TIMEOUT_MS + SLACK_MS;
    expect(slowestMs.eviction).toBeLessThan(allowedMs);
    // A put that another write has overtaken evicts, which has a time of its own. Who reads what is
    // just being written waits for it; or for another process that loads it, before Redis is gone and
    // both load.
    expect(slowestMs.put).toBeLessThan(allowedMs + COMMAND_TIMEOUT_MS);
    const waitingMs = slowestMethodMs + leaseMs;
    expect(slowestMs.read).toBeLessThan(allowedMs + COMMAND_TIMEOUT_MS + waitingMs);
    expect(grownBytes).toBeLessThan(GROWS_AT_MOST_BYTES);
    // Two that break off at the same time shall not come back at the same time.
    expect(new Set(app.reconnectPausesMs).size).toBe(app.reconnectPausesMs.length);
    const [listenersBefore, listenersAfter] = app.listeners;
    expect(listenersAfter).toEqual(listenersBefore);
  }
  for (const waiting of missesThatWait) expect(waiting).toBe(0);
  for (const ms of closedInMs) expect(ms).toBeLessThan(CLOSE_TIMEOUT_MS + CLOSE_SLACK_MS);
  expect(figures.recoveredInMs).toBeLessThan(RECOVERS_WITHIN_MS);
  expect(figures.connectionsLeft).toBe(0);
  // No warning of listeners that leak, no error that nobody handled.
  expect(figures.printed).toBe('');
  expect(reasonsOf({ apps })).not.toContain('CROSSSLOT');
}

function reasonsOf({ apps }: Pick<Figures, 'apps'>): string {
  return apps.flatMap(({ reasons }) => reasons).join('\n');
}
