import { Gate } from '../../../../test/support/gate.js';
import { ConnectionHarness, get } from '../../../../test/support/connection-harness.js';
import { type FakeRedisClient, SILENT, WELL } from '../../../../test/support/fake-redis-client.js';
import type { FakeClock } from '../../../../test/support/fake-clock.js';

describe('RedisConnection, recovering', () => {
  let harness: ConnectionHarness;
  let clock: FakeClock;
  let client: FakeRedisClient;

  beforeEach(() => {
    harness = new ConnectionHarness();
    ({ clock, client } = harness);
  });

  it('brings Redis up to date before anything else is sent', async () => {
    const recover = jest.fn(async () => {
      await expect(connection.run(get)).rejects.toThrow('(recovering)');
      await connection.update((c) => c.unlink('journal'));
      expect([connection.available, connection.reachable]).toEqual([false, true]);
    });
    const connection = harness.create({ recover });
    await expect(connection.update(get)).rejects.toThrow('(connecting)');
    connection.start();
    client.becomes('ready');
    await clock.advance(0);
    expect(recover).toHaveBeenCalledTimes(1);
    expect(client.sent).toEqual(['connect', 'del', 'time', 'unlink']);
    expect(connection.available).toBe(true);
  });

  it('that fails leaves Redis suspended, and is tried again amid the same outage', async () => {
    const recover = jest.fn().mockResolvedValue(undefined);
    recover.mockRejectedValueOnce(new Error('half a journal'));
    recover.mockRejectedValueOnce(new Error('half of the rest'));
    const connection = harness.create({ recover });
    const outages: string[] = [];
    connection.events.on('outage', ({ reason }) => outages.push(reason));
    connection.start();
    client.becomes('ready');
    await clock.advance(0);
    expect(connection.state).toMatchObject({ kind: 'suspended', reason: 'half a journal' });
    await clock.advance(2_000);
    expect(connection.available).toBe(true);
    expect(recover).toHaveBeenCalledTimes(3);
    expect(outages).toEqual(['half a journal']);
  });

  it('ends when what it sends is doubted by somebody else, and begins again', async () => {
    const gate = new Gate();
    const recover = jest.fn(() => gate.pass());
    const connection = harness.create({ recover });
    connection.start();
    client.becomes('ready');
    await gate.reached;
    connection.suspect('an eviction was not acknowledged');
    expect(connection.state).toMatchObject({ kind: 'suspended' });
    gate.open();
    await clock.advance(2_000);
    expect(recover).toHaveBeenCalledTimes(2);
    expect(connection.available).toBe(true);
  });

  it('that never ends is given up after its time', async () => {
    const connection = harness.create({
      recover: () => new Promise(() => undefined),
      options: { recoverTimeoutMs: 3_000 },
    });
    connection.start();
    client.becomes('ready');
    await clock.advance(2_999);
    expect(connection.state.kind).toBe('recovering');
    await clock.advance(1);
    expect(connection.state.kind).toBe('suspended');
  });

  it('counts no more once the connection is lost again, and never runs twice at a time', async () => {
    const ends: (() => void)[] = [];
    const recover = () => new Promise<void>((resolve) => ends.push(resolve));
    const connection = harness.create({ recover });
    connection.start();
    client.becomes('ready');
    await clock.advance(0);
    client.becomes('close');
    client.becomes('ready');
    await clock.advance(0);
    expect([connection.state.kind, ends.length]).toEqual(['recovering', 1]);
    ends[0]?.();
    await clock.advance(0);
    expect([connection.state.kind, ends.length]).toEqual(['recovering', 2]);
    ends[1]?.();
    await clock.advance(0);
    expect(connection.available).toBe(true);
  });

  it('learns the clock of the server, as do replies', async () => {
    const connection = await harness.ready();
    expect(connection.serverNowMs()).toBe(1_700_000_002_250);
    await clock.advance(60_000);
    const nowMs = connection.clock.nowMs();
    connection.learnServerTime(nowMs + 40, nowMs - 10, nowMs);
    expect(connection.serverNowMs()).toBe(nowMs + 45);
  });

  it('is done by whoever offers to later, from then on', async () => {
    const connection = await harness.ready();
    const recover = jest.fn().mockResolvedValue(undefined);
    connection.recoverBy(recover);
    client.becomes('close');
    client.becomes('ready');
    await clock.advance(0);
    expect(recover).toHaveBeenCalledTimes(1);
    expect(connection.available).toBe(true);
  });

  it('goes on when somebody has doubts the moment it ends, and is told when it holds', async () => {
    const connection = harness.create();
    const told: string[] = [];
    connection.events.on('outage', ({ reason }) => told.push(reason));
    connection.events.on('recovered', () => told.push('recovered'));
    const off = connection.events.on('state', ({ to }) => {
      if (to.kind === 'ready') connection.suspect('an eviction was not acknowledged');
    });
    connection.start();
    client.becomes('close');
    client.becomes('ready');
    await clock.advance(0);
    expect(connection.state.kind).toBe('suspended');
    off();
    await clock.advance(2_000);
    expect(connection.available).toBe(true);
    expect(told).toEqual(['the connection was closed', 'recovered']);
  });

  it('fails if Redis goes silent again', async () => {
    client.answer = (command) => (command === 'time' ? SILENT(command) : WELL(command));
    const connection = harness.start();
    client.becomes('ready');
    await clock.advance(100);
    expect(harness.states).toEqual(['recovering', 'suspended']);
    expect(connection.available).toBe(false);
  });
});
