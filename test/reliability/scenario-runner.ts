import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { within } from '../integration/support/eventually.js';
import { ChildObject } from '../support/child-object.js';
import { RedisServerProcess } from '../support/redis/redis-server.js';
import type { AppReport, LoadedApp, LoadedAppOptions } from './loaded-app.js';
import { CLIENT_NAME, type Scenario, type Stage, type StageOfScenario } from './scenario.js';

/** What a scenario came to. */
export interface Figures extends FaultFigures {
  readonly name: string;
  /** Of each process. */
  readonly apps: readonly AppReport[];
  /** From the end of the fault, or where nobody ends it from the strike, until both tiers are used. */
  readonly recoveredInMs: number;
  /** What the processes have printed on their error streams. */
  readonly printed: string;
  /** Connections of ours at the servers when all applications are closed. */
  readonly connectionsLeft: number;
}

interface FaultFigures {
  /** Of calls that have to load while Redis is away, how many wait, in each process that is struck. */
  readonly missesThatWait: readonly number[];
  /** How long applications took that were closed while the fault lasted. */
  readonly closedInMs: readonly number[];
}

const PROGRAM = join(__dirname, 'loaded-app.program.ts');
const PROCESSES = 2;
const WARM_UP_MS = 300;
const RECOVERED_MS = 500;
const NOTICED_WITHIN_MS = 10_000;
const GONE_WITHIN_MS = 2_000;
const PAUSE_MS = 20;
const MISSES = 300;

/** Two processes and their source, for one scenario after the other. */
export class ScenarioRunner {
  private constructor(
    private readonly source: RedisServerProcess,
    private readonly apps: readonly ChildObject<LoadedApp>[],
  ) {}

  static async start(): Promise<ScenarioRunner> {
    const source = await RedisServerProcess.start();
    const apps = Array.from({ length: PROCESSES }, () =>
      ChildObject.fork<LoadedApp>(PROGRAM, ['--expose-gc']),
    );
    return new ScenarioRunner(source, apps);
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await this.source.stop();
  }

  /** @param lastsMs how long the fault lasts, if not as the scenario says */
  async run(scenario: Scenario, lastsMs = scenario.lastsMs): Promise<Figures> {
    const stage = await scenario.set();
    const printedBefore = this.apps.map(({ stderr }) => stderr.length);
    try {
      await this.boot(stage);
      const { countedFromMs, ...duringFault } = await this.undergo(scenario, stage, lastsMs);
      await this.each(({ remote }) => remote.whole());
      const recoveredInMs = performance.now() - countedFromMs;
      const apps = await this.comeToRest();
      await this.each(({ remote }) => remote.close());
      const connectionsLeft = await connectionsTo(stage);
      const printed = this.apps.map(({ stderr }, i) => stderr.slice(printedBefore[i])).join('');
      return { name: scenario.name, ...duringFault, apps, recoveredInMs, printed, connectionsLeft };
    } finally {
      await stage.stop();
    }
  }

  private async boot({ connections }: Stage): Promise<void> {
    const sourceUrl = this.source.url;
    const source = new Redis(sourceUrl);
    await source.flushall();
    source.disconnect();
    await this.each((app, i) =>
      app.make({ connection: connections[i], sourceUrl } satisfies LoadedAppOptions),
    );
    await this.each(({ remote }) => remote.whole());
    await sleep(WARM_UP_MS);
  }

  private async undergo(
    { mode, cutsOff = true, secondAlone = false, healed }: Scenario,
    stage: StageOfScenario,
    lastsMs: number,
  ): Promise<FaultFigures & { countedFromMs: number }> {
    const struck = this.apps.slice(secondAlone ? 1 : 0).map(({ remote }) => remote);
    await this.each(({ remote }) => remote.faultBegins(cutsOff));
    await stage.strike();
    const struckAtMs = performance.now();
    const lasting = sleep(lastsMs);
    let missesThatWait: number[] = [];
    if (mode) {
      const noticed = Promise.all(struck.map((app) => app.inMode(mode)));
      await within(NOTICED_WITHIN_MS, `in mode ${mode}`, noticed);
    }
    if (mode === 'fallback') {
      missesThatWait = await Promise.all(struck.map((app) => app.missesThatWait(MISSES)));
    }
    const closedInMs = await this.each(({ remote }) => remote.closeIdle());
    await lasting;
    await stage.end();
    return { missesThatWait, closedInMs, countedFromMs: healed ? performance.now() : struckAtMs };
  }

  private async comeToRest(): Promise<AppReport[]> {
    await this.each(({ remote }) => remote.faultEnds());
    await sleep(RECOVERED_MS);
    await this.each(({ remote }) => remote.rest());
    // The load may have met with a timeout at its very end.
    await this.each(({ remote }) => remote.whole());
    return this.each(({ remote }) => remote.report());
  }

  private each<T>(act: (app: ChildObject<LoadedApp>, i: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.apps.map(act));
  }
}

/** A server hears of an end a moment later. */
async function connectionsTo({ servers }: Stage): Promise<number> {
  const giveUpAtMs = performance.now() + GONE_WITHIN_MS;
  const running = servers.filter(({ isRunning }) => isRunning);
  for (;;) {
    const counts = await Promise.all(running.map(connectionsToServer));
    const left = counts.reduce((sum, count) => sum + count, 0);
    if (left === 0 || performance.now() > giveUpAtMs) return left;
    await sleep(PAUSE_MS);
  }
}

async function connectionsToServer({ url }: RedisServerProcess): Promise<number> {
  const client = new Redis(url);
  try {
    return String(await client.client('LIST')).split(CLIENT_NAME).length - 1;
  } finally {
    client.disconnect();
  }
}
