import { FakeRedisClient, replyError } from '../../../../test/support/fake-redis-client.js';
import { ClusterMasters } from './cluster-masters.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** A cluster whose masters the client learns of when it refreshes its slots. */
class Setup {
  known: FakeRedisClient[] = [];
  learned: FakeRedisClient[] = [];
  refreshes = 0;
  refreshFailure: Error | undefined;
  readonly client = Object.assign(new FakeRedisClient('ready', true), {
    nodes: (): RedisClientLike[] => this.known,
    refreshSlotsCache: (callback: (error?: Error) => void) => {
      this.refreshes += 1;
      this.known = this.learned;
      callback(this.refreshFailure);
    },
  });
  readonly masters = new ClusterMasters({
    client: this.client,
    update: (command) => command(this.client),
  });

  /** Masters at these ports, which share the slots and which the client does not know of yet. */
  become(...ports: number[]): this {
    this.learned = ports.map((port, i) => {
      const share = Math.ceil(16_384 / ports.length);
      const range = `${i * share}-${Math.min((i + 1) * share, 16_384) - 1}`;
      return nodeAt(port, () => linesOf(port, 'master', range));
    });
    return this;
  }

  async learn(): Promise<string> {
    this.known = this.learned;
    const layout = await this.masters.layout();
    this.refreshes = 0;
    return layout;
  }
}

const linesOf = (port: number, role: string, ...slots: string[]) =>
  `id-${port} 127.0.0.1:${port}@0 myself,${role} - 0 0 1 connected ${slots.join(' ')}\n`;

const nodeAt = (port: number, says: () => string) => {
  const node = new FakeRedisClient('ready', false, { host: '127.0.0.1', port });
  node.answer = () => Promise.resolve(says());
  return node;
};

describe('ClusterMasters', () => {
  it('know where they are, and find the client of one', async () => {
    const setup = new Setup().become(7001, 7002);
    await setup.learn();
    expect(setup.masters.addresses()).toEqual(['127.0.0.1:7001', '127.0.0.1:7002']);
    expect(setup.masters.at('127.0.0.1:7002')).toBe(setup.known[1]);
    expect(setup.masters.at('127.0.0.1:7003')).toBeUndefined();
  });

  it('say the same for as long as nothing changes, whatever the order, and learn nothing', async () => {
    const setup = new Setup().become(7001, 7002);
    const layout = await setup.learn();
    setup.known = [...setup.known].reverse();
    await expect(setup.masters.layout()).resolves.toBe(layout);
    expect(setup.refreshes).toBe(0);
  });

  it('are learned anew, and say something else, after a replica has taken over', async () => {
    const setup = new Setup().become(7001, 7002);
    const layout = await setup.learn();
    const [former] = setup.known as [FakeRedisClient];
    former.answer = () => Promise.resolve(linesOf(7001, 'slave'));
    setup.become(7003, 7002);
    await expect(setup.masters.layout()).resolves.not.toBe(layout);
    expect(setup.masters.addresses()).toEqual(['127.0.0.1:7003', '127.0.0.1:7002']);
    expect(setup.refreshes).toBe(1);
  });

  it('say something else when a slot has moved from one of them to the other', async () => {
    const setup = new Setup().become(7001, 7002);
    const layout = await setup.learn();
    const [one, other] = setup.known as [FakeRedisClient, FakeRedisClient];
    one.answer = () => Promise.resolve(linesOf(7001, 'master', '1-8191'));
    other.answer = () => Promise.resolve(linesOf(7002, 'master', '0', '8192-16383'));
    await expect(setup.masters.layout()).resolves.not.toBe(layout);
  });

  it.each([
    ['a slot is being moved', () => linesOf(7002, 'master', '8192-16383', '[9000->-id-7001]')],
    [
      'one of them serves less, and nobody else is known',
      () => linesOf(7002, 'master', '9000-16383'),
    ],
    ['one of them is a replica by now', () => linesOf(7002, 'slave')],
  ])('cannot be told while %s', async (_what, says) => {
    const setup = new Setup().become(7001, 7002);
    const layout = await setup.learn();
    const [, other] = setup.known as [FakeRedisClient, FakeRedisClient];
    const { answer } = other;
    other.answer = () => Promise.resolve(says());
    await expect(setup.masters.layout()).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
    other.answer = answer;
    await expect(setup.masters.layout()).resolves.toBe(layout);
  });

  it('forget one that no slot has led to, when they are learned anew', async () => {
    const setup = new Setup().become(7001, 7002);
    const layout = await setup.learn();
    setup.known = [...setup.known, nodeAt(7003, () => linesOf(7003, 'master'))];
    await expect(setup.masters.layout()).resolves.toBe(layout);
    expect(setup.masters.addresses()).toHaveLength(2);
  });

  it('are not known before the client knows of any node', async () => {
    await expect(new Setup().masters.layout()).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
  });

  it('tell of a refusal to answer as it is, and of a failure to learn anew as of an outage', async () => {
    const setup = new Setup().become(7001);
    await setup.learn();
    const refusal = replyError("NOPERM this user may not run the 'cluster|nodes' command");
    const [node] = setup.known as [FakeRedisClient];
    node.answer = () => Promise.reject(refusal);
    await expect(setup.masters.layout()).rejects.toBe(refusal);
    node.answer = () => Promise.resolve(linesOf(7001, 'slave'));
    setup.refreshFailure = new Error('Cluster is disconnecting.');
    await expect(setup.masters.layout()).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
  });

  it('call when a node becomes known, until they are told not to', () => {
    const { client, masters } = new Setup();
    let calls = 0;
    const stop = masters.onAdded(() => (calls += 1));
    client.emit('+node');
    stop();
    client.emit('+node');
    expect(calls).toBe(1);
    expect(client.listenersCount).toBe(0);
  });
});
