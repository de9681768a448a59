import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Gate } from '../../support/gate.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import { fail, Hung, pass, passIf } from '../verdict.js';

const GROUP = 'One load, and its errors';
const KEY = 'lead';
const CALLERS = 20;

export const loadCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'Callers of one process share a load',
    how: `${CALLERS} callers ask for a cold key while its load is held.`,
    async run(trial) {
      const node = await trial.node();
      const loads = new CountedLoads();
      const answers = Array.from({ length: CALLERS }, () => node.wrap(KEY, loads.load));
      await loads.gate.reached;
      await sleep(MESSAGE_MS);
      loads.gate.open();
      await Promise.all(answers);
      return passIf(loads.count === 1, counted(loads.count));
    },
  },
  {
    group: GROUP,
    name: 'Callers of two processes share a load',
    how: 'A load is held in one process; another is asked for the key.',
    async run(trial) {
      const [first, second] = await trial.pair();
      const loads = new CountedLoads();
      const leader = first.wrap(KEY, loads.load);
      await loads.gate.reached;
      const follower = second.wrap(KEY, loads.load);
      await sleep(2 * MESSAGE_MS);
      loads.gate.open();
      await Promise.all([leader, follower]);
      return passIf(loads.count === 1, counted(loads.count));
    },
  },
  {
    group: GROUP,
    name: 'A load that takes longer than the lock between processes is still the only one',
    how: 'As above, with a lock of 1 s where there is one, and a load of 2.5 s.',
    async run(trial) {
      const [first, second] = await trial.pair({ lockMs: 1_000 });
      const loads = new CountedLoads();
      const leader = first.wrap(KEY, loads.load);
      await loads.gate.reached;
      const follower = second.wrap(KEY, loads.load);
      await sleep(2_500);
      loads.gate.open();
      await Promise.all([leader, follower]);
      return passIf(loads.count === 1, counted(loads.count));
    },
  },
  {
    group: GROUP,
    name: 'The same key of two caches is loaded twice',
    how: 'Two nodes with different prefixes ask for the same key at once, with loads of their own.',
    async run(trial) {
      const a = await trial.node({ prefix: `${trial.prefix}-a` });
      const b = await trial.node({ prefix: `${trial.prefix}-b` });
      const values = await Promise.all([a.wrap(KEY, loading('a')), b.wrap(KEY, loading('b'))]);
      return passIf(values.join() === 'a,b', `answered ${values.join(' and ')}`);
    },
  },
  {
    group: GROUP,
    name: 'A load that hangs does not keep others from an answer',
    how: 'A load never ends. Another caller asks for the key, with a limit of 500 ms for waiting where there is one, and a load of its own.',
    async run(trial) {
      const node = await trial.node({ waitMs: 500 });
      const gate = new Gate();
      const hung = node.wrap(KEY, () => gate.pass());
      hung.catch(() => undefined);
      await gate.reached;
      const beganMs = performance.now();
      const answer = await node.wrap(KEY, loading('own')).finally(() => gate.open());
      const tookMs = Math.round(performance.now() - beganMs);
      return passIf(answer === 'own', `answered after ${tookMs} ms`);
    },
  },
  {
    group: GROUP,
    name: 'An error of a load reaches its caller',
    how: 'A load fails with an error; the caller gets it, or one that has it as its cause.',
    async run(trial) {
      const node = await trial.node();
      const error = new Error('no such lead');
      const caught = await rejectionOf(node.wrap(KEY, () => Promise.reject(error)));
      if (caught === error) return pass('the very error');
      const wrapped = caught instanceof Error && caught.cause === error;
      return wrapped
        ? pass(`wrapped in ${caught.name}, as its cause`)
        : fail(caught === undefined ? 'no error at all' : `another error: ${inspect(caught)}`);
    },
  },
  {
    group: GROUP,
    name: 'An error is shared by those who wait, and not cached',
    how: `${CALLERS} callers ask while the load is held, which then fails. The next call loads again.`,
    async run(trial) {
      const node = await trial.node();
      const gate = new Gate();
      const load = async (): Promise<string> => {
        await gate.pass();
        throw new Error('no such lead');
      };
      const answers = Array.from({ length: CALLERS }, () => rejectionOf(node.wrap(KEY, load)));
      await gate.reached;
      await sleep(MESSAGE_MS);
      gate.open();
      const errors = (await Promise.all(answers)).filter((error) => error !== undefined).length;
      const next = await node.wrap(KEY, loading('found'));
      const good = errors === CALLERS && gate.arrivals === 1 && next === 'found';
      return passIf(
        good,
        `${counted(gate.arrivals)}, ${errors} of ${CALLERS} callers got an error, the next call answered \`${next}\``,
      );
    },
  },
];

/** Loads that are held until the gate opens, and counted. */
class CountedLoads {
  readonly gate = new Gate();

  get count(): number {
    return this.gate.arrivals;
  }

  readonly load = async (): Promise<string> => {
    await this.gate.pass();
    return 'value';
  };
}

function counted(loads: number): string {
  return loads === 1 ? 'one load' : `${loads} loads`;
}

/** What a call fails with, or undefined; a call that hangs hangs the case. */
async function rejectionOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof Hung) throw error;
    return error;
  }
}
