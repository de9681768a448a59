import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { RolloutPolicy, RolloutState } from 'nestjs-redis-cache';
import { readRollout } from '../../libs/redis-cache/src/config/rollout-policy.js';
import { modeFor } from '../../libs/redis-cache/src/rollout/rollout-state.js';
import { ownPrefix } from '../support/cache-apps.js';
import { ChildObject } from '../support/child-object.js';
import {
  KEYS,
  SwitchedSource,
  type SwitchedNode,
  type SwitchedNodeOptions,
} from './support/switched-node.js';

const PROGRAM = join(__dirname, 'support/switched-node.program.ts');
const TENANTS = Array.from({ length: 8 }, (_, i) => `tenant-${i}`);
const ROUNDS = 4;
/** Under load in each state. */
const STAY_MS = 60;

const STATES: readonly RolloutPolicy[] = [
  { mode: 'off' },
  { percent: 100 },
  { mode: 'shadow' },
  { percent: 50 },
  { percent: 100 },
  { percent: 0, tenants: ['tenant-3'] },
  { percent: 80 },
];

/** Which of the two is restarted, and whether it keeps entries in Redis then. */
const RESTARTS: readonly (readonly [0 | 1, boolean])[] = [
  [1, false],
  [1, true],
  [0, false],
  [1, false],
  [0, true],
  [1, true],
];
/** What nobody but the test changes. */
const QUIET = TENANTS.map((tenant) => `${tenant}/${KEYS[1]}`);

jest.setTimeout(60_000);

describe('two processes under load whose cache is switched back and forth', () => {
  const url = String(process.env.REDIS_URL);
  const prefix = ownPrefix();
  const source = new SwitchedSource(url, prefix);
  const children = [1, 2].map(() => ChildObject.fork<SwitchedNode>(PROGRAM));
  const nodes = children.map(({ remote }) => remote);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.kill()));
    await source.close();
  });

  /** Changes what belongs to those who are left out, and nobody evicts it. */
  async function changeUnseen(state: RolloutState): Promise<Record<string, number>> {
    const out = TENANTS.filter((tenant) => modeFor(state, tenant) !== 'on');
    const items = out.flatMap((tenant) => KEYS.map((key) => `${tenant}/${key}`));
    const versions = items.map(async (item) => [item, await source.change(item)] as const);
    return Object.fromEntries(await Promise.all(versions));
  }

  it('answer nothing that is older than an eviction or a switch, and no call fails', async () => {
    const options: SwitchedNodeOptions = { url, prefix, tenants: TENANTS };
    await Promise.all(children.map((child) => child.make(options)));
    for (let turn = 0; turn < ROUNDS * STATES.length; turn += 1) {
      const to = STATES[turn % STATES.length] as RolloutPolicy;
      // By the one and the other in turn.
      const [by, other] = turn % 2 === 0 ? nodes : [...nodes].reverse();
      const version = await by?.set(to);
      await other?.heard(version as number);
      const unseen = await changeUnseen(readRollout(to, 'rollout'));
      await Promise.all(nodes.map((node) => node.raise(unseen)));
      await setTimeout(STAY_MS);
    }
    for (const node of nodes) {
      const { reads, writes, hits, bypassed, stale, errors } = await node.report();
      expect({ stale, errors }).toEqual({ stale: [], errors: [] });
      // So that it is known to have been a load, and to have been served.
      expect(Math.min(hits, bypassed)).toBeGreaterThan(100);
      expect(reads).toBeGreaterThan(1_000);
      expect(writes).toBeGreaterThan(20);
      await node.close();
    }
    expect(children.map(({ stderr }) => stderr)).toEqual(['', '']);
  });

  it('answer nothing that was evicted, whichever is restarted with far: false and back', async () => {
    const options = { url, prefix, tenants: TENANTS };
    await Promise.all(children.map((child) => child.make(options)));
    for (const [number, far] of RESTARTS) {
      const [child, node, other] = [children[number], nodes[number], nodes[1 - number]] as const;
      const versions = QUIET.map(async (item) => {
        const version = await source.change(item);
        await node?.evict(item);
        return [item, version] as const;
      });
      const evicted = Object.fromEntries(await Promise.all(versions));
      await node?.raise(evicted);
      // What is told on one connection comes in order: then the evictions were heard, too.
      await other?.heard((await node?.set({ percent: 100 })) as number);
      await other?.raise(evicted);
      expect(await node?.report()).toMatchObject({ stale: [], errors: [] });
      await child?.make({ ...options, far });
      await node?.raise(evicted);
      await setTimeout(STAY_MS);
    }
    for (const node of nodes) {
      const { hits, stale, errors } = await node.report();
      expect({ stale, errors }).toEqual({ stale: [], errors: [] });
      expect(hits).toBeGreaterThan(10);
      await node.close();
    }
    expect(children.map(({ stderr }) => stderr)).toEqual(['', '']);
  });
});
