import { deepStrictEqual } from 'node:assert';
import type { Check } from './check.js';
import type { Consumer } from './consumer.js';
import { NEEDED_PEERS, OPTIONAL_PEERS } from './packages.js';

/** What loading says of one entry point: nothing, or the error's code and text. */
type Loaded = Readonly<Record<string, string | null>>;

export const ENTRY_POINTS_LOAD: Check = {
  name: 'entry points',
  packages: ({ without }) => OPTIONAL_PEERS.filter((peer) => !without?.includes(peer)),
  run: async (consumer) => {
    await consumer.take('loading');
    for (const program of ['require.cjs', 'import.mjs']) {
      const entryPoints = await consumer.entryPoints();
      const loaded = JSON.parse(await consumer.run('node', [program, ...entryPoints])) as Loaded;
      const expected = entryPoints.map((name) => [name, missingPeer(consumer, name)]);
      const found = entryPoints.map((name) => [name, notFound(loaded[name])]);
      deepStrictEqual(found, expected);
    }
  },
};

export const ONE_COPY: Check = {
  name: '`import` = `require`',
  packages: () => OPTIONAL_PEERS,
  run: async (consumer) => {
    await consumer.take('loading');
    const printed = await consumer.run('node', ['same.cjs', ...(await consumer.entryPoints())]);
    deepStrictEqual(JSON.parse(printed), []);
  },
};

function missingPeer({ kind }: Consumer, entryPoint: string): string | null {
  return NEEDED_PEERS[entryPoint]?.find((peer) => kind.without?.includes(peer)) ?? null;
}

/** The package that Node's own error names; other errors as they are. */
function notFound(error: string | null | undefined): string | null {
  if (!error) return null;
  return /NOT_FOUND.* Cannot find (?:module|package) '([^']+)'/.exec(error)?.[1] ?? error;
}
