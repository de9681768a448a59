import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, within } from './support/eventually.js';
import { LeadSource } from './support/lead-source.js';
import { NodeProcess, type AnyNode } from './support/node-process.js';
import { PATIENCE } from './support/patience.js';
import { RawRedis } from './support/raw-redis.js';
import { TIERS } from './support/tiers.js';

jest.setTimeout(60_000);

const url = process.env.REDIS_URL ?? '';
const TENANT = 'acme';
/** A command may take as long; a lease may not be shorter than that. */
const LEASE_MS = 1_000;
/** What a test may take at most, where it does not say less. */
const BOUND_MS = 5_000;

describe.each(TIERS)('a cold entry that many ask for, with %s', (_name, word, defaults) => {
  const prefix = `${process.env.TEST_RUN_PREFIX ?? 'test'}-one-${word}`;
  const options = {
    connection: { url },
    prefix,
    defaults,
    ...PATIENCE,
    timeouts: { command: LEASE_MS, lease: LEASE_MS },
    source: { url, name: `${prefix}-source` },
  };
  let raw: RawRedis;
  let database: LeadSource;
  let processes: NodeProcess[];
  let nodes: AnyNode[];
  let first: AnyNode;
  let id: string;
  let made = 0;

  beforeAll(async () => {
    raw = new RawRedis(url, prefix);
    database = new LeadSource(raw.client, options.source.name);
    processes = await NodeProcess.bootAll(4, options);
    nodes = processes.map(({ node }) => node);
    [first] = nodes as [AnyNode];
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.end()));
    await raw.close();
  });
  beforeEach(() => {
    id = `lead-${++made}`;
  });
  afterEach(async () => {
    for (const node of nodes) expect((await node.stats()).flights).toBe(0);
    expect(await raw.isLeased(TENANT, id)).toBe(false);
  });

  const lead = () => ({ id, name: 'nobody' });
  const journal = () => database.journal(TENANT, id);
  /** Calls of every node, and the moment when one loads and all others wait for it. */
  const askEverywhere = async (callers: number) => {
    const before = await Promise.all(nodes.map((node) => node.stats()));
    await Promise.all(nodes.map((node) => node.hold('read', id)));
    const answers = nodes.map((node) => node.readMany(TENANT, id, callers));
    const loader = await Promise.race(
      nodes.map((node) => node.reached('read', id).then(() => node)),
    );
    for (const [index, node] of nodes.entries()) {
      const { joined = 0, waited = 0 } = before[index]?.total ?? {};
      await eventually('every caller of the node waits', async () => {
        const { total } = await node.stats();
        if (total.joined < joined + callers - 1) return false;
        return node === loader || total.waited > waited;
      });
    }
    return { loader, answers };
  };
  const openAll = () => Promise.all(nodes.map((node) => node.open('read', id)));

  it('is loaded once for 1,000 callers of one process', async () => {
    const { leads } = await within(BOUND_MS, 'answers', first.readMany(TENANT, id, 1_000));
    expect(leads).toEqual(Array(1_000).fill(lead()));
    expect(await journal()).toEqual(['begin', 'end']);
  });

  it('is loaded once for 250 callers in each of four processes', async () => {
    const { answers } = await askEverywhere(250);
    await openAll();
    const all = (await within(BOUND_MS, 'answers', Promise.all(answers))).flatMap(
      ({ leads }) => leads,
    );
    expect(all).toEqual(Array(1_000).fill(lead()));
    expect(await journal()).toEqual(['begin', 'end']);
  });

  it('is loaded once also by a load that outlasts its lease', async () => {
    const { answers } = await askEverywhere(5);
    await sleep(1.5 * LEASE_MS);
    expect(await journal()).toEqual(['begin']);
    await openAll();
    const all = (await Promise.all(answers)).flatMap(({ leads }) => leads);
    expect(all).toEqual(Array(20).fill(lead()));
    expect(await journal()).toEqual(['begin', 'end']);
  });

  it('is loaded by another process when the one that loads is killed', async () => {
    const victim = await NodeProcess.boot(options);
    await victim.node.hold('read', id);
    victim.node.read(TENANT, id).catch(() => undefined);
    await victim.node.reached('read', id);
    const answers = nodes.map((node) => node.readMany(TENANT, id, 10));
    await eventually('all wait', async () =>
      (await Promise.all(nodes.map((node) => node.stats()))).every(({ flights }) => flights === 1),
    );
    await victim.kill();
    // The lease, the longest pause of those who wait, and what the load itself takes.
    const all = await within(LEASE_MS + 500, 'take over', Promise.all(answers));
    expect(all.flatMap(({ leads }) => leads)).toEqual(Array(40).fill(lead()));
    expect(await journal()).toEqual(['begin', 'begin', 'end']);
  });

  it('fails for every caller of the process whose load failed, and others take over', async () => {
    const { loader, answers } = await askEverywhere(100);
    await loader.fail(id, 'the database is down');
    await openAll();
    const outcomes = await within(BOUND_MS, 'answers', Promise.all(answers));
    for (const [index, { leads, errors }] of outcomes.entries()) {
      const failed = nodes[index] === loader;
      expect(errors).toEqual(failed ? Array(100).fill('the database is down') : []);
      expect(leads).toEqual(failed ? [] : Array(100).fill(lead()));
    }
    expect(await journal()).toEqual(['begin', 'end', 'begin', 'end']);

    await loader.fail(id);
    expect(await loader.read(TENANT, id)).toEqual(lead());
    expect(await journal()).toHaveLength(4);
  });

  it('is loaded by one process after the other where all loads fail, and again by the next call', async () => {
    await Promise.all(nodes.map((node, index) => node.fail(id, `down at ${index}`)));
    const { answers } = await askEverywhere(100);
    await openAll();
    const outcomes = await within(BOUND_MS, 'answers', Promise.all(answers));
    expect(outcomes.map(({ errors }) => errors)).toEqual(
      nodes.map((_node, index) => Array<string>(100).fill(`down at ${index}`)),
    );
    const inTurn = nodes.flatMap(() => ['begin', 'end']);
    expect(await journal()).toEqual(inTurn);

    await Promise.all(nodes.map((node) => node.fail(id)));
    expect(await first.read(TENANT, id)).toEqual(lead());
    expect(await journal()).toHaveLength(10);
  });
});
