import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { PeerNode } from '../../../bench/peer-cache.js';
import { Gate } from '../../support/gate.js';
import { strictEqual } from '../../support/exact-equality.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { fail, pass, passIf, unsupported, type Verdict } from '../verdict.js';

const GROUP = 'What goes in comes out';
const KEY = 'lead';
const FIRST_HOW =
  'A load yields the value. It is asked for again in the same process, and in one that starts now; both have to answer an equal value, of the same type, without a load.';
const HOW = 'As with null.';

export const valueCases: readonly ConformanceCase[] = [
  { ...valueCase('null', () => null), how: FIRST_HOW },
  valueCase('undefined', () => undefined),
  valueCase('0, an empty string and false', () => [0, '', false], each),
  valueCase('NaN, -0 and Infinity', () => ({ nan: NaN, zero: -0, infinity: Infinity })),
  valueCase('a bigint', () => ({ amount: 12_345_678_901_234_567_890n })),
  valueCase('a Date', () => ({ at: new Date(1_700_000_000_000) })),
  valueCase('a string that looks like a date', () => ({ at: '2024-01-01T00:00:00.000Z' })),
  valueCase('a Map and a Set', () => ({ map: new Map([['a', 1]]), set: new Set(['a']) })),
  valueCase('a Buffer', () => ({ bytes: Buffer.from([0, 255, 128]) })),
  valueCase('undefined inside an object', () => ({ name: undefined })),
  {
    group: GROUP,
    name: 'Who changes an answer does not change the cache',
    how: 'An answer is changed by its caller; the key is asked for again.',
    async run(trial) {
      const node = await trial.node();
      await node.wrap(KEY, loading({ tags: ['a'] }));
      const first = await node.wrap(KEY, loading({ tags: ['a'] }));
      changed(first.tags);
      const second = await node.wrap(KEY, loading({ tags: ['a'] }));
      return passIf(strictEqual(second, { tags: ['a'] }), `then answered \`${shown(second)}\``);
    },
  },
  {
    group: GROUP,
    name: 'Who changes what a load yielded does not change the cache',
    how: 'The object that the load returned is changed later; the key is asked for again.',
    async run(trial) {
      const node = await trial.node();
      const source = { tags: ['a'] };
      await node.wrap(KEY, loading(source));
      changed(source.tags);
      const second = await node.wrap(KEY, loading({ tags: ['a'] }));
      return passIf(strictEqual(second, { tags: ['a'] }), `then answered \`${shown(second)}\``);
    },
  },
  {
    group: GROUP,
    name: 'Callers that share a load do not share an object',
    how: 'Two callers wait for one load; one of them changes its answer.',
    async run(trial) {
      const node = await trial.node();
      const gate = new Gate();
      const load = async (): Promise<{ tags: string[] }> => {
        await gate.pass();
        return { tags: ['a'] };
      };
      const answers = [node.wrap(KEY, load), node.wrap(KEY, load)] as const;
      await gate.reached;
      await sleep(MESSAGE_MS);
      gate.open();
      const [one, other] = await Promise.all(answers);
      changed(one.tags);
      return passIf(strictEqual(other, { tags: ['a'] }), `the other has \`${shown(other)}\``);
    },
  },
];

type Check = (trial: Trial, value: unknown) => Promise<Verdict>;

function valueCase(name: string, make: () => unknown, check: Check = comesOut): ConformanceCase {
  return { group: GROUP, name, how: HOW, run: (trial) => check(trial, make()) };
}

/** Several values, each under a key of its own; the first that does not come out is what was seen. */
async function each(trial: Trial, values: unknown): Promise<Verdict> {
  for (const value of values as unknown[]) {
    const verdict = await comesOut(trial, value);
    if (verdict.kind !== 'pass') return fail(`\`${shown(value)}\`: ${verdict.seen}`);
  }
  return pass('equal in memory and from Redis');
}

async function comesOut(trial: Trial, value: unknown): Promise<Verdict> {
  const key = `value-${shown(value)}`;
  const node = await trial.node();
  await node.wrap(key, loading(value));
  await sleep(MESSAGE_MS);
  const near = await again(node, key, value);
  const far = await again(await trial.node(), key, value);
  if (value === undefined && near === LOADED && far === LOADED) {
    return unsupported('an undefined value means that there is none');
  }
  const seen = [
    ...(near === SAME ? [] : [`in the same process ${near}`]),
    ...(far === SAME ? [] : [`from Redis ${far}`]),
  ];
  return seen.length === 0 ? pass('equal in memory and from Redis') : fail(seen.join(', '));
}

const SAME = 'equal';
const LOADED = 'loaded again';

/** How a further call for a value that is cached comes out. */
async function again(node: PeerNode, key: string, value: unknown): Promise<string> {
  let loads = 0;
  const answer = await node.wrap(key, () => {
    loads += 1;
    return Promise.resolve(value);
  });
  if (loads > 0) return LOADED;
  return strictEqual(answer, value) ? SAME : `\`${shown(answer)}\``;
}

/** Frozen answers cannot be changed, which is as good. */
function changed(tags: string[]): void {
  try {
    tags.push('changed');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity }).slice(0, 100);
}
