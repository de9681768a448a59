import { TenantMissingError } from 'nestjs-redis-cache';
import { HOSTILE_STRINGS } from '../../libs/redis-cache/src/keys/hostile-strings.fixture.js';
import { LeadNode } from './support/lead-node.js';
import { LeadSource } from './support/lead-source.js';
import { NodeProcess } from './support/node-process.js';
import { PATIENCE } from './support/patience.js';
import { RawRedis } from './support/raw-redis.js';
import { TIERS } from './support/tiers.js';

jest.setTimeout(60_000);

const url = process.env.REDIS_URL ?? '';
const ID = '7';
const TENANTS = HOSTILE_STRINGS.filter((tenant) => tenant !== '');
/** As documented: prefix, then in braces tenant, cache with its version, and key; all percent-encoded. */
const ENTRY = /^[\w:-]+:\{[A-Za-z0-9._~@+=,%#-]+\/lead@1\/[A-Za-z0-9._~@+=,%#-]+\}$/;
const LONGEST_KEY = 512;

describe.each(TIERS)('tenants, however they are called, with %s', (_name, word, defaults) => {
  const prefix = `${process.env.TEST_RUN_PREFIX ?? 'test'}:tenants-${word}`;
  const source = { url, name: `${prefix}.source` };
  let raw: RawRedis;
  let database: LeadSource;
  let here: LeadNode;
  let there: NodeProcess;

  beforeAll(async () => {
    raw = new RawRedis(url, prefix);
    database = new LeadSource(raw.client, source.name);
    const options = { connection: { url }, prefix, defaults, source, ...PATIENCE };
    here = await LeadNode.boot(options);
    there = await NodeProcess.boot(options);
    await here.inMode('redis');
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.end()]);
    await raw.close();
  });

  const nameOf = (tenant: string) => `lead of ${TENANTS.indexOf(tenant)}`;
  const lead = (tenant: string) => ({ id: ID, name: nameOf(tenant) });
  const namesOf = async (node: Pick<LeadNode, 'read'>) =>
    (await Promise.all(TENANTS.map((tenant) => node.read(tenant, ID)))).map(({ name }) => name);

  it('each have their own entry under the same id', async () => {
    await Promise.all(TENANTS.map((tenant) => here.rename(tenant, ID, nameOf(tenant))));
    expect(await namesOf(here)).toEqual(TENANTS.map(nameOf));
    expect(await namesOf(there.node)).toEqual(TENANTS.map(nameOf));
    for (const tenant of TENANTS) expect(await database.loads(tenant, ID)).toBe(0);
  });

  it('stand in keys of the documented form, and in no others', async () => {
    const { keys } = raw;
    const entries = TENANTS.map((tenant) => raw.entryKey(tenant, ID));
    for (const key of entries) {
      expect(key).toMatch(ENTRY);
      expect(Buffer.byteLength(key)).toBeLessThan(LONGEST_KEY);
    }
    const stamps = TENANTS.flatMap((tenant) => [
      keys.tenantStamp(tenant),
      keys.cacheStamp(tenant, 'lead', 1),
    ]);
    const expected = [...entries, ...stamps, keys.globalStamp()];
    expect((await raw.scan()).sort()).toEqual(expected.sort());
  });

  it('are told by their keys, but for names that had to be shortened, which are not guessed', () => {
    for (const tenant of TENANTS) {
      const key = raw.entryKey(tenant, ID);
      const told = key.includes('#') ? undefined : tenant;
      const expected = { kind: 'entry', tenant: told, cache: 'lead', version: 1, key: ID };
      expect(raw.keys.parse(key)).toEqual(expected);
    }
    expect(TENANTS.filter((tenant) => raw.entryKey(tenant, ID).includes('#')).length).toBeLessThan(
      TENANTS.length / 4,
    );
  });

  it('lose their own entry by an eviction, and nobody else one', async () => {
    const [evicted, ...others] = TENANTS as [string, ...string[]];
    await here.change(evicted, ID, 'changed');
    expect(await raw.stored(evicted, ID)).toBeUndefined();
    for (const tenant of others) expect(await raw.stored(tenant, ID)).toEqual(lead(tenant));
    expect(await here.read(evicted, ID)).toEqual({ id: ID, name: 'changed' });
  });

  it('load at the same time, each for itself', async () => {
    const id = 'at once';
    await Promise.all(TENANTS.map((tenant) => here.read(tenant, id)));
    for (const tenant of TENANTS) expect(await database.loads(tenant, id)).toBe(1);
  });

  it('are never left out: a call without one is an error', async () => {
    await expect(here.readForNobody(ID)).rejects.toThrow(TenantMissingError);
  });
});
