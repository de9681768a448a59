import { Redis } from 'ioredis';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { eventually, within } from './support/eventually.js';
import { HeldClient } from './support/held-client.js';
import { LeadNode } from './support/lead-node.js';
import { RawRedis } from './support/raw-redis.js';

jest.setTimeout(60_000);

const TENANT = 'acme';
const ID = '7';
const PREFIX = 'leases';
/** Whoever has to wait for the end of a lease that nobody uses waits longer than any test. */
const LEASE_MS = 60_000;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('a lease that its process cannot use or give back in good order', () => {
  let server: RedisServerProcess;
  let admin: Redis;
  let raw: RawRedis;
  let client: HeldClient;
  let node: LeadNode;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
    raw = new RawRedis(server.url, PREFIX);
    client = new HeldClient(server.url);
    node = await LeadNode.boot({
      connection: client.redis,
      prefix: PREFIX,
      timeouts: { lease: LEASE_MS },
      source: { url: process.env.REDIS_URL ?? '', name: `${process.env.TEST_RUN_PREFIX}-leases` },
    });
    await node.inMode('redis');
  });
  afterEach(async () => {
    await node.close();
    client.redis.disconnect();
    admin.disconnect();
    await raw.close();
    await server.stop();
  });

  const loadInFlight = async () => {
    await node.hold('read', ID);
    const answer = node.read(TENANT, ID);
    await node.reached('read', ID);
    expect(await raw.isLeased(TENANT, ID)).toBe(true);
    return {
      finish: async () => {
        await node.open('read', ID);
        await answer;
      },
    };
  };
  const expectGivenUp = () =>
    eventually('nobody has to wait', async () => !(await raw.isLeased(TENANT, ID)));

  /** By calls for other leads, so that each command is one round trip. */
  const knowScripts = async () => {
    await node.read(TENANT, 'read');
    await node.rename(TENANT, 'put', 'new');
    await node.change(TENANT, 'evicted', 'new');
    await node.fail('failing', 'on purpose');
    await expect(node.read(TENANT, 'failing')).rejects.toThrow('on purpose');
  };

  /** The script that is given nothing but a token, behind the format of its arguments. */
  const isRelease = (args: readonly unknown[]) =>
    args.length === 6 && args[3] === raw.keys.lease(raw.entryKey(TENANT, ID));

  it('is given up when Redis is too full for the value', async () => {
    const load = await loadInFlight();
    await admin.config('SET', 'maxmemory', '1');
    await load.finish();
    await expectGivenUp();
    await admin.config('SET', 'maxmemory', '0');
    expect(await raw.stored(TENANT, ID)).toBeUndefined();
  });

  it('is given up once Redis is back, when the load ended while it was away', async () => {
    const load = await loadInFlight();
    server.pause();
    await node.read(TENANT, 'another, to see it');
    await node.inMode('fallback');
    await load.finish();
    server.resume();
    await node.inMode('redis');
    await expectGivenUp();
  });

  it('is given up once Redis is back, when it gave it without being waited for any more', async () => {
    await knowScripts();
    const gate = client.holdBefore('evalshaBuffer');
    const reading = node.read(TENANT, ID);
    await gate.reached;
    server.pause();
    gate.open();
    await reading;
    server.resume();
    await node.inMode('redis');
    await expectGivenUp();
  });

  // Commands may overtake each other: one whose script is not known yet, or whose slot has moved, is sent again.
  it.each<[string, () => Promise<unknown>]>([
    ['a read', () => node.read(TENANT, ID)],
    ['a put', () => node.rename(TENANT, ID, 'new')],
  ])('is given up when %s had given it up before it was given', async (_what, call) => {
    await knowScripts();
    const asking = client.holdBefore('evalshaBuffer');
    const givingUp = client.holdAfter('evalshaBuffer', isRelease);
    await call();
    await givingUp.reached;
    givingUp.open();
    await node.inMode('redis');
    const given = client.holdAfter('evalshaBuffer');
    asking.open();
    await given.reached;
    expect(await raw.isLeased(TENANT, ID)).toBe(true);
    given.open();
    await expectGivenUp();
    expect((await node.stats()).mode).toBe('redis');
  });

  it('is of no use to a put that Redis is too full for: the earlier value goes', async () => {
    await node.read(TENANT, ID);
    await admin.config('SET', 'maxmemory', '1');
    expect(await node.rename(TENANT, ID, 'new')).toEqual({ id: ID, name: 'new' });
    await eventually(
      'the earlier value is gone',
      async () => (await raw.stored(TENANT, ID)) === undefined,
    );
    expect((await node.stats()).mode).toBe('redis');
    await admin.config('SET', 'maxmemory', '0');
    expect(await node.read(TENANT, ID)).toEqual({ id: ID, name: 'new' });
  });

  describe('and that another process was given', () => {
    const ANOTHERS = 'another.token';
    const give = (token = ANOTHERS) =>
      admin.set(raw.keys.lease(raw.entryKey(TENANT, ID)), token, 'PX', LEASE_MS);
    const undergoOutage = async () => {
      server.pause();
      await node.read(TENANT, 'another, to see it');
      await node.inMode('fallback');
      server.resume();
      await node.inMode('redis');
    };

    it('is not waited for after an outage that began later', async () => {
      await give();
      await undergoOutage();
      const answer = await within(LEASE_MS / 30, 'it is read', node.read(TENANT, ID));
      expect(await raw.stored(TENANT, ID)).toEqual(answer);
      expect(await raw.isLeased(TENANT, ID)).toBe(false);
      expect((await node.stats()).total.waited).toBe(0);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['there was no outage', () => give()],
      ['it was given after the outage', () => undergoOutage().then(() => give())],
      ['it is of a set', () => give(`${ANOTHERS}!`).then(undergoOutage)],
    ])('is waited for where %s', async (_where, prepare) => {
      await prepare();
      const reading = node.read(TENANT, ID);
      await eventually('it waits', async () => (await node.stats()).total.waited === 1);
      await admin.del(raw.keys.lease(raw.entryKey(TENANT, ID)));
      await reading;
      // On a busy machine its time for Redis may be up by then, and the lease is given back behind the answer.
      await expectGivenUp();
    });
  });
});
