import { hasRedisBinary } from '../support/redis/redis-server.js';
import { ALL_CASES } from './all-cases.js';
import { ourCache } from './our-cache.js';
import { runCase } from './run-case.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;
const url = process.env.REDIS_URL ?? '';

describeWithServer('what is asked of every library, asked of ours', () => {
  // Most of the time a case waits, and none meets another: keys or servers are its own.
  it.concurrent.each(ALL_CASES.map((one) => [one.group, one.name, one] as const))(
    '%s: %s',
    async (_group, _name, one) => {
      const { kind, seen } = await runCase(one, ourCache, url);
      // What was seen is shown where it is another kind.
      expect({ kind, seen }).toEqual({ kind: 'pass', seen });
    },
    60_000,
  );
});
