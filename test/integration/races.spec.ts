import { setTimeout as sleep } from 'node:timers/promises';
import { runWithTenant } from 'nestjs-redis-cache';
import { eventually } from './support/eventually.js';
import { LeadSource } from './support/lead-source.js';
import { NodeProcess, type AnyNode } from './support/node-process.js';
import { PATIENCE } from './support/patience.js';
import { RawRedis } from './support/raw-redis.js';
import { TIERS } from './support/tiers.js';

jest.setTimeout(60_000);

const url = process.env.REDIS_URL ?? '';
const TENANT = 'acme';
const STALE_AFTER_MS = 100;

describe.each(TIERS)('two processes that meet at one entry, with %s', (_name, word, defaults) => {
  const prefix = `${process.env.TEST_RUN_PREFIX ?? 'test'}-races-${word}`;
  let raw: RawRedis;
  let database: LeadSource;
  let processes: NodeProcess[];
  let a: AnyNode;
  let b: AnyNode;
  let id: string;
  let made = 0;

  beforeAll(async () => {
    const source = { url, name: `${prefix}-source` };
    const caches = {
      'lead.grace': { ttl: STALE_AFTER_MS, grace: 60_000 },
      'lead.ahead': { ttl: 1_000 * STALE_AFTER_MS, refreshAhead: 0.001 },
    };
    const options = { connection: { url }, prefix, defaults, caches, source, ...PATIENCE };
    raw = new RawRedis(url, prefix);
    database = new LeadSource(raw.client, source.name);
    processes = await NodeProcess.bootAll(2, options);
    [a, b] = processes.map(({ node }) => node) as [AnyNode, AnyNode];
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.end()));
    await raw.close();
  });
  beforeEach(() => {
    id = `lead-${++made}`;
  });
  afterEach(async () => {
    const flights = async () => (await a.stats()).flights + (await b.stats()).flights;
    await eventually('no flight is left', async () => (await flights()) === 0);
    expect(await raw.isLeased(TENANT, id)).toBe(false);
  });

  const lead = (name: string) => ({ id, name });
  const loads = () => database.loads(TENANT, id);
  const stored = () => raw.stored(TENANT, id);
  const expectBothRead = async (name: string) => {
    expect(await a.read(TENANT, id)).toEqual(lead(name));
    expect(await b.read(TENANT, id)).toEqual(lead(name));
  };
  const waiting = (node: AnyNode, before: number) =>
    eventually('it waits', async () => (await node.stats()).total.waited > before);

  /** A load that has read the database and not yet answered. */
  const loadInFlight = async (node: AnyNode) => {
    await node.hold('read', id);
    const answer = node.read(TENANT, id);
    await node.reached('read', id);
    return { answer, finish: () => node.open('read', id) };
  };

  describe('a load in flight', () => {
    it.each([
      ['the process that loads', () => a],
      ['another process', () => b],
    ])('is answered and not stored when its key is evicted by %s', async (_by, evictor) => {
      const load = await loadInFlight(a);
      await evictor().change(TENANT, id, 'new');
      await load.finish();
      expect(await load.answer).toEqual(lead('nobody'));
      expect(await stored()).toBeUndefined();

      await expectBothRead('new');
      expect(await stored()).toEqual(lead('new'));
      expect(await loads()).toBe(2);
    });

    it.each([
      ['the same process', () => a],
      ['another process', () => b],
    ])('is not stored over one that %s began after its eviction', async (_by, second) => {
      const load = await loadInFlight(a);
      await second().change(TENANT, id, 'new');
      expect(await second().read(TENANT, id)).toEqual(lead('new'));
      await load.finish();
      await load.answer;
      expect(await stored()).toEqual(lead('new'));
      await expectBothRead('new');
      expect(await loads()).toBe(2);
    });

    it.each([
      ['the process that loads', () => a],
      ['another process', () => b],
    ])('does not replace what %s has put meanwhile', async (_by, writer) => {
      const load = await loadInFlight(a);
      await writer().rename(TENANT, id, 'new');
      expect(await stored()).toEqual(lead('new'));
      await load.finish();
      expect(await load.answer).toEqual(lead('nobody'));
      expect(await stored()).toEqual(lead('new'));
      await expectBothRead('new');
      expect(await loads()).toBe(1);
    });

    it('is joined by those who ask the same process, and waited for by another', async () => {
      const load = await loadInFlight(a);
      const { joined } = (await a.stats()).total;
      const { waited } = (await b.stats()).total;
      const others = [a.read(TENANT, id), b.read(TENANT, id)];
      await eventually('one joins', async () => (await a.stats()).total.joined > joined);
      await waiting(b, waited);
      await load.finish();
      expect(await Promise.all([load.answer, ...others])).toEqual(Array(3).fill(lead('nobody')));
      expect(await loads()).toBe(1);
    });
  });

  describe('a put in flight', () => {
    const putInFlight = async (name: string) => {
      await a.hold('write', id);
      const answer = a.rename(TENANT, id, name);
      await a.reached('write', id);
      return { answer, finish: () => a.open('write', id) };
    };

    it('is waited for by a reader elsewhere, who need not load', async () => {
      const put = await putInFlight('new');
      const { waited } = (await b.stats()).total;
      const reading = b.read(TENANT, id);
      await waiting(b, waited);
      await put.finish();
      expect(await reading).toEqual(lead('new'));
      expect(await put.answer).toEqual(lead('new'));
      expect(await loads()).toBe(0);
    });

    it('is not stored when its key is evicted by another process', async () => {
      const put = await putInFlight('first');
      await b.change(TENANT, id, 'second');
      await put.finish();
      expect(await put.answer).toEqual(lead('first'));
      expect(await stored()).toBeUndefined();
      await expectBothRead('second');
    });

    it('is not stored over the put of another process: the source has the word', async () => {
      const put = await putInFlight('first');
      await b.rename(TENANT, id, 'second');
      await put.finish();
      await put.answer;
      expect(await stored()).toBeUndefined();
      expect(await a.read(TENANT, id)).toEqual(lead('second'));
      expect(await stored()).toEqual(lead('second'));
    });
  });

  it.each([
    ['past its ttl, within its grace', 'lead.grace'],
    ['past refreshAhead', 'lead.ahead'],
  ])('an entry %s answers everywhere and is refreshed once', async (_name, cache) => {
    await a.readBy(cache, TENANT, id);
    await runWithTenant(TENANT, () => database.write(id, 'new'));
    await sleep(1.2 * STALE_AFTER_MS);
    await Promise.all([a.hold('read', id), b.hold('read', id)]);

    const answers = await Promise.all([a, b, a, b].map((node) => node.readBy(cache, TENANT, id)));
    expect(answers).toEqual(Array(4).fill(lead('nobody')));
    await Promise.race([a.reached('read', id), b.reached('read', id)]);
    await eventually(
      'the other process leaves it to the first',
      async () => (await a.stats()).flights + (await b.stats()).flights === 1,
    );
    expect(await loads()).toBe(2);

    await Promise.all([a.open('read', id), b.open('read', id)]);
    const renewed = async (node: AnyNode) => (await node.readBy(cache, TENANT, id)).name === 'new';
    await eventually('a reads the new one', () => renewed(a));
    await eventually('b reads the new one', () => renewed(b));
  });
});
