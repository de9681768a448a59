import { encodeArguments } from '../../libs/redis-cache/src/keys/arguments.js';
import { OWN } from '../contenders/names.js';
import { hold } from '../measure/contest.js';
import { synchronously } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const BY_HAND = 'template string';
const AS_JSON = 'JSON.stringify';

const ARGUMENTS: readonly (readonly [title: string, args: readonly unknown[]])[] = [
  ['1 argument: an id', ['lead-1234567']],
  ['2 arguments: id, number', ['lead-1234567', 42]],
  ['3 arguments: id, number, flag', ['lead-1234567', 42, true]],
  [
    '4 arguments: id, number, flag, filter',
    ['lead-1234567', 42, true, { status: 'qualified', page: 3 }],
  ],
];

export const keyBuilding: Workload = {
  name: 'key-building',
  title: 'Key building',
  method:
    'The arguments of a method as text for a key. A template string cannot tell `1` from `"1"`; ' +
    '`JSON.stringify` depends on the order of properties and has no answer to Map, Date or BigInt.',
  chart: { measure: 'timeNs', scale: 'linear', note: 'time of a key, less is better' },
  measure: async (bench) => {
    const cases: Case[] = [];
    for (const [title, args] of ARGUMENTS) {
      const [first, ...rest] = args;
      const encoders: readonly (readonly [string, () => string])[] = [
        [BY_HAND, () => `lead:${String(first)}:${rest.map(String).join(':')}`],
        [AS_JSON, () => JSON.stringify(args)],
        [OWN, () => encodeArguments(args)],
      ];
      const contestants = encoders.map(([name, encode]) => ({
        name,
        prepare: () => ({ run: synchronously(encode) }),
      }));
      const id = `key-building/${String(args.length)}`;
      cases.push(await hold(bench, { id, title, reference: AS_JSON, clock: 'cpu', contestants }));
    }
    return cases;
  },
};
