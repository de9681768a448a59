import type { PeerNode } from '../../../bench/peer-cache.js';
import type { ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { fail, pass, passIf } from '../verdict.js';

const GROUP = 'Tenants and namespaces';
const NO_TENANTS = 'it has no tenants or namespaces';

/** Pairs of tenant and key that a careless way of joining them takes for one. */
const LOOK_ALIKES: readonly (readonly [tenant: string, key: string])[] = [
  ['a', 'b:c'],
  ['a:b', 'c'],
  ['a', 'b/c'],
  ['a/b', 'c'],
  ['a.b', 'c'],
  ['a_b', 'c'],
  ['a', 'b::c'],
  ['a::b', 'c'],
  ['A', 'b:c'],
  ['{a}', 'c'],
  ['a\u0000b', 'c'],
  ['__proto__', 'c'],
  ['constructor', 'c'],
  ['*', 'c'],
  ['%2F', 'c'],
  ['/', 'c'],
];

export const isolationCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'No tenant reads the entry of another, whatever their ids contain',
    how: `${LOOK_ALIKES.length} tenants and keys made to look alike (\`a\` with \`b:c\`, \`a:b\` with \`c\`, \`*\`, \`__proto__\`…) each load a value of their own; each is asked for again, in the same process and in one that starts now.`,
    async run(trial) {
      const node = await trial.node();
      const values = await loadAll(trial, node);
      const wrong = [
        ...wrongOf(values),
        ...wrongOf(await loadAll(trial, node)),
        ...wrongOf(await loadAll(trial, await trial.node())),
      ];
      return wrong.length === 0 ? pass('each got its own') : fail([...new Set(wrong)].join('; '));
    },
  },
  {
    group: GROUP,
    name: 'Clearing one tenant leaves the others alone',
    how: 'Tenants `a`, `a*`, `*`, `?`, `[a]` and `a:b` have an entry each, and one after the other is cleared.',
    run: clearedOneByOne,
  },
  {
    group: GROUP,
    name: 'Tags of one tenant are not those of another',
    how: 'Two tenants have an entry with the same tag; one evicts it.',
    async run(trial) {
      const node = await trial.node();
      const [a, b] = [tenantOf(trial, node, 'a'), tenantOf(trial, node, 'b')];
      const evictTags = trial.needs(a.evictTags, 'it has no tags');
      for (const tenant of [a, b]) await tenant.wrap('k', loading('old'), { tags: ['team'] });
      await evictTags(['team']);
      const values = [await a.get('k'), await b.get('k')];
      return passIf(
        values[0] === undefined && values[1] === 'old',
        `the one that evicted has ${String(values[0])}, the other ${String(values[1])}`,
      );
    },
  },
  {
    group: GROUP,
    name: 'Clearing one application leaves another on the same Redis alone',
    how: 'Two applications whose prefixes begin alike (`app`, `app2`) have an entry each; the first is cleared. Then a process of the second that starts now is asked.',
    async run(trial) {
      const [first, second] = [`${trial.prefix}-app`, `${trial.prefix}-app2`];
      const app = await trial.node({ prefix: first });
      await (await trial.node({ prefix: second })).set('k', 'kept');
      await trial.needs(app.clear, 'it clears nothing')();
      const value = await (await trial.node({ prefix: second })).get('k');
      return passIf(value === 'kept', `the other application then has \`${String(value)}\``);
    },
  },
];

function tenantOf(trial: Trial, node: PeerNode, id: string): PeerNode {
  return trial.needs(node.tenant, NO_TENANTS)(id);
}

/** What each of the look-alikes is answered, if it would load its own name. */
async function loadAll(trial: Trial, node: PeerNode): Promise<[own: string, got: string][]> {
  const values: [string, string][] = [];
  for (const [tenant, key] of LOOK_ALIKES) {
    const own = JSON.stringify([tenant, key]);
    values.push([own, await tenantOf(trial, node, tenant).wrap(key, loading(own))]);
  }
  return values;
}

function wrongOf(values: readonly [own: string, got: string][]): string[] {
  return values
    .filter(([own, got]) => own !== got)
    .map(([own, got]) => `\`${own}\` got \`${got}\``);
}

async function clearedOneByOne(trial: Trial): ReturnType<ConformanceCase['run']> {
  const ids = ['a*', '*', '?', '[a]', 'a', 'a:b'];
  const node = await trial.node();
  const tenants = ids.map((id) => [id, tenantOf(trial, node, id)] as const);
  for (const [id, tenant] of tenants) await tenant.wrap('k', loading(id));
  const left = new Set(ids);
  for (const [cleared, tenant] of tenants) {
    await trial.needs(tenant.clear, 'it clears nothing')();
    left.delete(cleared);
    const fresh = await trial.node();
    for (const id of left) {
      const value = await tenantOf(trial, fresh, id).get('k');
      if (value !== id) return fail(`clearing \`${cleared}\` also cleared \`${id}\``);
    }
    if ((await tenantOf(trial, fresh, cleared).get('k')) !== undefined) {
      return fail(`\`${cleared}\` was not cleared`);
    }
  }
  return pass('each cleared its own');
}
