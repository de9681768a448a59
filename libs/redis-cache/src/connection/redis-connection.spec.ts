import { inspect } from 'node:util';
import {
  connectionRefused,
  ConnectionHarness,
  get,
} from '../../../../test/support/connection-harness.js';
import {
  failing,
  FakeRedisClient,
  replyError,
  SILENT,
  WELL,
} from '../../../../test/support/fake-redis-client.js';
import type { FakeClock } from '../../../../test/support/fake-clock.js';
import { FarTimeoutError, FarUnavailableError } from '../errors/far-tier.error.js';

describe('RedisConnection', () => {
  let harness: ConnectionHarness;
  let clock: FakeClock;
  let client: FakeRedisClient;

  beforeEach(() => {
    harness = new ConnectionHarness();
    ({ clock, client } = harness);
  });

  describe('starting', () => {
    it('connects a client that waits to be, and is ready when a probe was answered', async () => {
      const connection = harness.start();
      expect([connection.state, client.sent]).toEqual([{ kind: 'connecting' }, ['connect']]);
      client.becomes('ready');
      await clock.advance(0);
      expect(harness.states).toEqual(['recovering', 'ready']);
      expect(client.sent).toEqual(['connect', 'del', 'time']);
      expect(connection.available).toBe(true);
    });

    it('takes a client as it is that is connected', async () => {
      client.status = 'ready';
      const connection = harness.start({ owned: false });
      await clock.advance(0);
      expect(connection.available).toBe(true);
      expect(client.sent).toEqual(['del', 'time']);
    });

    it('does not throw when nothing can be reached; it tells the outage and its reason', async () => {
      client.answer = failing(connectionRefused);
      const connection = harness.create();
      const outage = jest.fn();
      connection.events.on('outage', outage);
      connection.start();
      client.becomes('close', connectionRefused);
      client.becomes('reconnecting');
      await clock.advance(0);
      expect(connection.state).toMatchObject({
        kind: 'suspended',
        reason: connectionRefused.message,
      });
      expect(outage.mock.calls).toEqual([[{ reason: connectionRefused.message }]]);
    });

    it('sends nothing before it is ready', async () => {
      const connection = harness.start();
      await expect(connection.run(get)).rejects.toThrow(FarUnavailableError);
      await expect(connection.run(get)).rejects.toThrow('Redis is not available (connecting)');
      expect(client.sent).toEqual(['connect']);
    });

    it('is suspended if the server is up and cannot serve', async () => {
      const connection = harness.start();
      client.answer = failing(replyError("READONLY You can't write against a read only replica."));
      client.becomes('ready');
      await clock.advance(0);
      expect(connection.state).toMatchObject({
        kind: 'suspended',
        reason: expect.stringMatching(/^READONLY/),
      });
    });

    it('listens once, however often it is started', () => {
      const connection = harness.start();
      const { listenersCount } = client;
      connection.start();
      expect(client.listenersCount).toBe(listenersCount);
    });

    it('says when it is ready for the first time, to those who wait', async () => {
      const connection = harness.start();
      const settled = jest.fn();
      void connection.whenSettled(1_000).then(settled);
      await clock.advance(10);
      expect(settled).not.toHaveBeenCalled();
      client.becomes('ready');
      await clock.advance(0);
      expect(settled).toHaveBeenCalledTimes(1);
      await connection.whenSettled(1_000);
    });

    it('lets nobody wait longer than asked', async () => {
      const connection = harness.start();
      const settled = jest.fn();
      void connection.whenSettled(1_000).then(settled);
      await clock.advance(1_000);
      expect(settled).toHaveBeenCalledTimes(1);
      expect(connection.state.kind).toBe('connecting');
    });
  });

  describe('running commands', () => {
    it('gives the reply', async () => {
      const connection = await harness.ready();
      await expect(connection.run(get)).resolves.toBe('OK');
    });

    it('gives up after the command timeout, and skips Redis from then on', async () => {
      const connection = await harness.ready();
      client.answer = SILENT;
      const outcome = expect(connection.run(get)).rejects.toThrow(FarTimeoutError);
      await clock.advance(99);
      expect(connection.available).toBe(true);
      await clock.advance(1);
      await outcome;
      expect(connection.state).toMatchObject({
        kind: 'suspended',
        reason: 'Redis did not answer within 100 ms',
      });
      const { length } = client.sent;
      await expect(connection.run(get)).rejects.toThrow(FarUnavailableError);
      expect(client.sent).toHaveLength(length);
    });

    it('suspends only after as many timeouts in a row as are allowed', async () => {
      const connection = await harness.ready({ options: { failureThreshold: 2 } });
      const timeOut = async (): Promise<void> => {
        client.answer = SILENT;
        const outcome = expect(connection.run(get)).rejects.toThrow(FarTimeoutError);
        await clock.advance(100);
        await outcome;
        client.answer = WELL;
      };
      await timeOut();
      await connection.run(get);
      await timeOut();
      expect(connection.available).toBe(true);
      await timeOut();
      expect(connection.available).toBe(false);
    });

    it('gives up earlier for a caller in a hurry, and thinks no worse of Redis for it', async () => {
      const connection = await harness.ready();
      let reply: (value: null) => void = () => undefined;
      client.answer = () => new Promise((resolve) => (reply = resolve));
      const outcome = expect(connection.run(get, 10)).rejects.toMatchObject({ timeoutMs: 10 });
      await clock.advance(10);
      await outcome;
      reply(null);
      await clock.advance(500);
      expect(connection.available).toBe(true);
    });

    it('still notices that the command of a caller in a hurry is never answered', async () => {
      const connection = await harness.ready();
      client.answer = SILENT;
      connection.run(get, 10).catch(() => undefined);
      await clock.advance(100);
      expect(connection.state.kind).toBe('suspended');
    });

    it('sends nothing for a caller without time left', async () => {
      const connection = await harness.ready();
      await expect(connection.run(get, 0)).rejects.toThrow(FarTimeoutError);
      expect(client.sent).toEqual([]);
      expect(connection.available).toBe(true);
    });

    it('hands on what Redis refuses, and goes on', async () => {
      const connection = await harness.ready();
      const error = replyError("OOM command not allowed when used memory > 'maxmemory'.");
      client.answer = failing(error);
      await expect(connection.run(get)).rejects.toBe(error);
      expect(connection.available).toBe(true);
    });

    it('hands on what a command throws before it is sent', async () => {
      const connection = await harness.ready();
      const slip = new TypeError('keys is not iterable');
      const command = () => {
        throw slip;
      };
      await expect(connection.run(command)).rejects.toBe(slip);
      expect(connection.available).toBe(true);
    });

    it.each([
      new Error('Connection is closed.'),
      new Error("Stream isn't writeable and enableOfflineQueue options is false"),
      replyError('CLUSTERDOWN The cluster is down'),
      replyError('NOAUTH Authentication required.'),
    ])('is suspended at once by: %s', async (error) => {
      const connection = await harness.ready();
      client.answer = failing(error);
      await expect(connection.run(get)).rejects.toBe(error);
      expect(connection.state).toMatchObject({ kind: 'suspended', reason: error.message });
    });

    it('is suspended where a single server was expected and a node of a cluster is', async () => {
      const connection = await harness.ready();
      client.answer = failing(replyError('MOVED 3999 127.0.0.1:6381'));
      await expect(connection.run(get)).rejects.toThrow(/^MOVED/);
      expect(connection.available).toBe(false);
    });

    it('sends a command to a cluster once more if its keys have moved', async () => {
      const refreshSlotsCache = jest.fn((callback: () => void) => callback());
      client = harness.client = Object.assign(new FakeRedisClient('ready', true), {
        refreshSlotsCache,
      });
      const connection = await harness.ready();
      const moved = replyError('MOVED 3999 127.0.0.1:6381');
      client.answer = (command) => {
        client.answer = WELL;
        return failing(moved)(command);
      };
      refreshSlotsCache.mockClear();
      await expect(connection.run(get)).resolves.toBe('OK');
      expect([client.sent, refreshSlotsCache.mock.calls.length]).toEqual([['get', 'get'], 1]);
      client.answer = failing(moved);
      await expect(connection.run(get)).rejects.toBe(moved);
      expect(connection.available).toBe(true);
      refreshSlotsCache.mockImplementation((callback: (error?: Error) => void) =>
        callback(connectionRefused),
      );
      await expect(connection.run(get)).rejects.toBe(connectionRefused);
    });

    it('never queues into a client that has lost its connection and not told yet', async () => {
      const connection = await harness.ready({ owned: false });
      client.status = 'close';
      await expect(connection.run(get)).rejects.toThrow(FarUnavailableError);
      expect(client.sent).toEqual([]);
    });

    it('thinks nothing of a failure that comes after Redis was found well again', async () => {
      const connection = await harness.ready();
      let fail: (error: Error) => void = () => undefined;
      client.answer = () => new Promise((_, reject) => (fail = reject));
      const outcome = expect(connection.run(get)).rejects.toThrow('Connection is closed.');
      client.answer = WELL;
      client.becomes('close');
      client.becomes('ready');
      await clock.advance(0);
      expect(connection.available).toBe(true);
      fail(new Error('Connection is closed.'));
      await outcome;
      expect(connection.available).toBe(true);
    });
  });

  describe('ping', () => {
    it('tells how long Redis took', async () => {
      const connection = await harness.ready();
      client.answer = () => new Promise((resolve) => clock.schedule(30, () => resolve('PONG')));
      const latency = connection.ping(500);
      await clock.advance(30);
      await expect(latency).resolves.toBe(30);
    });

    it('fails after its budget, and where there is no connection, without suspending anything', async () => {
      const connection = await harness.ready();
      client.answer = SILENT;
      const outcome = expect(connection.ping(20)).rejects.toThrow(FarTimeoutError);
      await clock.advance(20);
      await outcome;
      expect(connection.available).toBe(true);
      client.status = 'reconnecting';
      await expect(connection.ping()).rejects.toThrow(FarUnavailableError);
    });
  });

  describe('closing', () => {
    it('quits a client of ours, once, and is over when that has ended', async () => {
      const connection = await harness.ready();
      const closed = jest.fn();
      const closing = connection.close();
      expect(connection.close()).toBe(closing);
      void closing.then(closed);
      await clock.advance(0);
      expect(client.sent).toEqual(['quit', 'disconnect']);
      expect(closed).not.toHaveBeenCalled();
      client.becomes('end');
      await clock.advance(0);
      expect(closed).toHaveBeenCalledTimes(1);
      expect(connection.state.kind).toBe('closed');
      expect(clock.pending).toBe(0);
    });

    it('waits for a Redis that does not answer no longer than its timeout', async () => {
      const connection = await harness.ready({ options: { closeTimeoutMs: 1_000 } });
      client.answer = SILENT;
      const closed = jest.fn();
      void connection.close().then(closed);
      await clock.advance(1_000);
      expect(client.sent).toEqual(['quit', 'disconnect']);
      expect(closed).toHaveBeenCalledTimes(1);
      expect(clock.pending).toBe(0);
    });

    it('says no farewell to a Redis that is away', async () => {
      const connection = await harness.ready();
      client.becomes('close');
      client.becomes('reconnecting');
      await connection.close();
      expect(client.sent).toEqual(['disconnect']);
      expect(clock.pending).toBe(0);
    });

    it('leaves a borrowed client as it was', async () => {
      const heard = jest.fn();
      client.on('error', heard);
      const { listenersCount } = client;
      const connection = await harness.ready({ owned: false });
      expect(client.listenersCount).toBeGreaterThan(listenersCount);
      await connection.close();
      expect(client.listenersCount).toBe(listenersCount);
      expect(client.sent).toEqual([]);
    });

    it('ends everything: no event, no probe, no command comes after', async () => {
      const connection = await harness.ready({ owned: false });
      client.becomes('close');
      await connection.close();
      harness.states.length = 0;
      client.becomes('ready');
      await clock.advance(30_000);
      expect([harness.states, client.sent]).toEqual([[], []]);
      await expect(connection.run(get)).rejects.toThrow('(closed)');
      await expect(connection.ping()).rejects.toThrow('(closed)');
      connection.start();
      expect(client.listenersCount).toBe(0);
    });

    it('ends a probe, a recovery and a wait that are under way', async () => {
      const connection = harness.create({ recover: () => new Promise(() => undefined) });
      connection.start();
      client.becomes('ready');
      await clock.advance(0);
      const settled = connection.whenSettled(60_000);
      client.status = 'end';
      await connection.close();
      await settled;
      await clock.advance(60_000);
      expect(connection.state.kind).toBe('closed');
      expect(clock.pending).toBe(0);
    });

    it('does not bring a client back that was amid its handshake', async () => {
      const connection = harness.start();
      client.status = 'connect';
      const closing = connection.close();
      await clock.advance(0);
      client.answer = failing(new Error('Connection is closed.'));
      client.becomes('ready');
      client.becomes('end');
      await clock.advance(60_000);
      await closing;
      expect(client.sent).toEqual(['connect', 'disconnect']);
      expect(clock.pending).toBe(0);
    });

    it('can be done before it was started', async () => {
      const connection = harness.create();
      client.on('newListener', () => undefined);
      client.disconnect = () => client.becomes('end');
      await connection.close();
      connection.start();
      expect(client.sent).toEqual([]);
    });
  });

  it('shows no secret when it is printed', () => {
    client = new FakeRedisClient('wait', false, { password: 's3cret' });
    const connection = harness.create();
    expect(inspect(connection, { depth: 9 })).not.toContain('s3cret');
    expect(JSON.stringify(connection)).not.toContain('s3cret');
  });

  it('hands the errors of its listeners on', async () => {
    const onListenerError = jest.fn();
    const slip = new Error('slip');
    const connection = harness.create({ onListenerError });
    connection.events.on('state', () => {
      throw slip;
    });
    connection.start();
    client.becomes('ready');
    await clock.advance(0);
    expect(connection.available).toBe(true);
    expect(onListenerError).toHaveBeenCalledWith('state', slip);
  });
});
