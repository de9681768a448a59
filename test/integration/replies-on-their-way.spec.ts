import { eventually } from './support/eventually.js';
import { HeldClient } from './support/held-client.js';
import { LeadNode, type LeadNodeOptions } from './support/lead-node.js';
import { LeadSource } from './support/lead-source.js';
import { PATIENCE } from './support/patience.js';
import { RawRedis } from './support/raw-redis.js';
import { TIERS } from './support/tiers.js';

const url = process.env.REDIS_URL ?? '';
const TENANT = 'acme';
/** Far less than the near tier would keep anything that nobody tells it of. */
const TOLD_WITHIN_MS = 1_000;

describe.each(TIERS)(
  'a command or reply on its way while its entry is evicted, with %s',
  (_name, word, defaults) => {
    const prefix = `${process.env.TEST_RUN_PREFIX ?? 'test'}-replies-${word}`;
    let client: HeldClient;
    let raw: RawRedis;
    let database: LeadSource;
    /** Its commands can be held. */
    let node: LeadNode;
    let other: LeadNode;
    let id: string;
    let made = 0;

    beforeAll(async () => {
      raw = new RawRedis(url, prefix);
      client = new HeldClient(url);
      const options: LeadNodeOptions = {
        connection: { url },
        prefix,
        defaults,
        source: { url, name: `${prefix}-source` },
        ...PATIENCE,
      };
      database = new LeadSource(raw.client, options.source.name);
      node = await LeadNode.boot({ ...options, connection: client.redis });
      other = await LeadNode.boot(options);
      await Promise.all([node.inMode('redis'), other.inMode('redis')]);
    });
    afterAll(async () => {
      await Promise.all([node.close(), other.close()]);
      await Promise.all([client.redis.quit(), raw.close()]);
    });
    beforeEach(() => {
      id = `lead-${++made}`;
    });

    const lead = (name: string) => ({ id, name });
    const loads = () => database.loads(TENANT, id);
    const bySameOrOther: [string, () => LeadNode][] = [
      ['the same application', () => node],
      ['another application', () => other],
    ];
    /** What another application evicts, this one has to be told of. */
    const expectNewLead = async (evictor: LeadNode) => {
      if (evictor === node || defaults.near === false) {
        expect(await node.read(TENANT, id)).toEqual(lead('new'));
        return;
      }
      const isNew = async () => (await node.read(TENANT, id)).name === 'new';
      await eventually('it is told of the eviction', isNew, TOLD_WITHIN_MS);
    };

    it.each(bySameOrOther)(
      'a hit is answered, and not kept after an eviction by %s',
      async (_by, by) => {
        await other.read(TENANT, id);
        const gate = client.holdAfter('getBuffer');
        const reading = node.read(TENANT, id);
        await gate.reached;
        await by().change(TENANT, id, 'new');
        gate.open();
        expect(await reading).toEqual(lead('nobody'));
        await expectNewLead(by());
        expect(await loads()).toBe(2);
      },
    );

    it('a hit while the eviction is on its way is not kept when that has arrived', async () => {
      await other.read(TENANT, id);
      const gate = client.holdBefore('evalshaBuffer');
      const evicting = node.change(TENANT, id, 'new');
      await gate.reached;
      expect(await node.read(TENANT, id)).toEqual(lead('nobody'));
      gate.open();
      await evicting;
      expect(await node.read(TENANT, id)).toEqual(lead('new'));
      expect(await loads()).toBe(2);
    });

    it.each(bySameOrOther)(
      'a fill that arrives after an eviction by %s is refused',
      async (_by, by) => {
        await node.hold('read', id);
        const reading = node.read(TENANT, id);
        await node.reached('read', id);
        const gate = client.holdBefore('evalshaBuffer');
        await node.open('read', id);
        await gate.reached;
        await by().change(TENANT, id, 'new');
        gate.open();
        expect(await reading).toEqual(lead('nobody'));
        expect(await raw.stored(TENANT, id)).toBeUndefined();
        expect(await node.read(TENANT, id)).toEqual(lead('new'));
        expect(await loads()).toBe(2);
      },
    );

    it.each(bySameOrOther)(
      'a fill that is done, but not yet acknowledged, is not kept after an eviction by %s',
      async (_by, by) => {
        await node.hold('read', id);
        const reading = node.read(TENANT, id);
        await node.reached('read', id);
        const gate = client.holdAfter('evalshaBuffer');
        await node.open('read', id);
        await gate.reached;
        expect(await raw.stored(TENANT, id)).toEqual(lead('nobody'));
        await by().change(TENANT, id, 'new');
        gate.open();
        expect(await reading).toEqual(lead('nobody'));
        expect(await raw.stored(TENANT, id)).toBeUndefined();
        await expectNewLead(by());
      },
    );

    it.each(bySameOrOther)(
      'a value whose acknowledgement is on its way stands behind a put by %s that fails',
      async (_by, by) => {
        await node.set(TENANT, id, 'old');
        expect(await node.read(TENANT, id)).toEqual(lead('old'));
        expect(await other.read(TENANT, id)).toEqual(lead('old'));
        const gate = client.holdAfter('evalshaBuffer');
        const setting = node.set(TENANT, id, 'new');
        await gate.reached;
        await Promise.all([by().hold('write', id), by().fail(id, 'not renamed')]);
        const failing = expect(by().rename(TENANT, id, 'newer')).rejects.toThrow('not renamed');
        await by().reached('write', id);
        expect(await raw.stored(TENANT, id)).toEqual(lead('new'));
        gate.open();
        await setting;
        await by().open('write', id);
        await failing;
        await by().fail(id);
        expect(await raw.stored(TENANT, id)).toEqual(lead('new'));
        await expectNewLead(node);
        const isNew = async () => (await other.read(TENANT, id)).name === 'new';
        await eventually('the other application is told of it', isNew, TOLD_WITHIN_MS);
        expect(await raw.isLeased(TENANT, id)).toBe(false);
      },
    );

    it.each(bySameOrOther)(
      'a lease on its way is worth nothing after an eviction by %s',
      async (_by, by) => {
        const gate = client.holdAfter('evalshaBuffer');
        const reading = node.read(TENANT, id);
        await gate.reached;
        expect(await raw.isLeased(TENANT, id)).toBe(true);
        await by().change(TENANT, id, 'new');
        gate.open();
        expect(await reading).toEqual(lead('new'));
        expect(await raw.stored(TENANT, id)).toBeUndefined();
      },
    );
  },
);
