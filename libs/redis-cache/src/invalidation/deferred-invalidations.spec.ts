import { KeySpace } from '../keys/key-space.js';
import { DeferredInvalidations } from './deferred-invalidations.js';
import { Invalidations, type Invalidation } from './invalidation.js';

const keys = new KeySpace('crm');
const invalidations = new Invalidations(keys);

/** What they hold at most is two. */
function deferred() {
  const done: string[] = [];
  const coarse: string[] = [];
  const renewStamp = async ({ key }: Invalidation) => coarse.push(key);
  const all = new DeferredInvalidations(invalidations, renewStamp, 2);
  const add = (invalidation: Invalidation) => {
    all.add(invalidation, async () => done.push(invalidation.key));
  };
  return { all, add, done, coarse };
}

function entry(tenant: string, cache: string, key: string): Invalidation {
  return { level: 'entry', key: keys.entry(tenant, cache, 1, key), tenant, cache, version: 1 };
}

const ACME_LEADS = invalidations.cache('acme', 'lead', 1);
const ACME_NOTES = invalidations.cache('acme', 'note', 1);

describe('DeferredInvalidations', () => {
  it('are carried out when they are run, each thing once', async () => {
    const { all, add, done, coarse } = deferred();
    add(entry('acme', 'lead', '1'));
    add(ACME_NOTES);
    add(entry('acme', 'lead', '1'));
    expect(done).toEqual([]);
    expect(all.over).toBe(false);
    await all.run();
    expect(done.sort()).toEqual(['crm:{acme/lead@1/1}', 'crm:{acme/note@1}:stamp']);
    expect(coarse).toEqual([]);
    expect(all.over).toBe(true);
  });

  it('are carried out once, also if they are run again', async () => {
    const { all, add, done } = deferred();
    add(ACME_LEADS);
    await all.run();
    await all.run();
    expect(done).toEqual([ACME_LEADS.key]);
  });

  it('coarsen from entries to their caches, and leave what is of another tenant apart', async () => {
    const { all, add, done, coarse } = deferred();
    for (const key of ['1', '2', '3']) add(entry('acme', 'lead', key));
    add(entry('umbrella', 'lead', '1'));
    await all.run();
    expect(coarse).toEqual([ACME_LEADS.key]);
    expect(done).toEqual(['crm:{umbrella/lead@1/1}']);
  });

  it('coarsen no further than they have to', async () => {
    const { all, add, done, coarse } = deferred();
    add(entry('acme', 'lead', '1'));
    add(ACME_NOTES);
    add(entry('acme', 'lead', '2'));
    await all.run();
    expect([done, coarse]).toEqual([[ACME_NOTES.key], [ACME_LEADS.key]]);
  });

  it('coarsen from tags and caches to the tenant, and from tenants to everything', async () => {
    const tenants = deferred();
    for (const tag of ['a', 'b', 'c']) tenants.add(invalidations.tag('acme', tag));
    await tenants.all.run();
    expect(tenants.coarse).toEqual(['crm:{acme}:stamp']);

    const everything = deferred();
    for (const tenant of ['a', 'b', 'c']) {
      everything.add(invalidations.cache(tenant, 'lead', 1));
    }
    await everything.all.run();
    expect(everything.coarse).toEqual(['crm:{}:stamp']);
    expect([tenants.done, everything.done]).toEqual([[], []]);
  });

  it('stay within their bound, whatever is added', async () => {
    const { all, add, done, coarse } = deferred();
    for (let number = 0; number < 500; number += 1) {
      add(entry(`t${number % 7}`, `c${number % 5}`, String(number)));
      add(invalidations.tag(`t${number % 3}`, String(number)));
      add(invalidations.tenant(null));
    }
    add(invalidations.all());
    await all.run();
    expect(done.length + coarse.length).toBeLessThanOrEqual(2);
    expect([...done, ...coarse]).toContain('crm:{}:stamp');
  });
});
