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

describe('RedisConnection in an outage', () => {
  let harness: ConnectionHarness;
  let clock: FakeClock;
  let client: FakeRedisClient;

  beforeEach(() => {
    harness = new ConnectionHarness();
    ({ clock, client } = harness);
  });

  describe('an outage', () => {
    it('is over, and told once, when a probe is answered', async () => {
      const connection = await harness.ready();
      const told: unknown[] = [];
      connection.events.on('outage', (event) => told.push(event));
      connection.events.on('recovered', (event) => told.push(event));
      await clock.advance(1_000);
      client.answer = SILENT;
      connection.run(get).catch(() => undefined);
      await clock.advance(400);
      client.answer = WELL;
      await clock.advance(600);
      expect(harness.states).toEqual(['suspended', 'recovering', 'ready']);
      expect(told).toEqual([
        { reason: 'Redis did not answer within 100 ms' },
        { outageMs: 357.625 },
      ]);
    });

    it('is probed once at a time, in pauses that grow to their maximum', async () => {
      const connection = await harness.ready({ owned: false });
      const probedAtMs: number[] = [];
      await clock.advance(1_000);
      const startMs = clock.nowMs();
      client.answer = (command) => {
        if (command === 'del') probedAtMs.push(clock.nowMs() - startMs);
        return SILENT(command);
      };
      connection.run(get).catch(() => undefined);
      await clock.advance(60_000);
      // Each takes the command timeout, 100 ms, then pauses: 50 ms and a twentieth more each time, up to 1 s.
      const pauses = probedAtMs.map((atMs, i) => atMs - (probedAtMs[i - 1] ?? 0) - 100);
      expect(pauses.slice(0, 3)).toEqual([50, 52.5, 55.125]);
      for (const [i, pauseMs] of pauses.entries()) {
        expect(pauseMs).toBeCloseTo(Math.min(1_000, 50 * 1.05 ** i), 2);
      }
      expect(pauses.at(-1)).toBe(1_000);
    });

    it('does not connect again when the client gets ready only after it was closed', async () => {
      const connection = await harness.ready();
      client.becomes('close');
      client.becomes('connect');
      const closing = connection.close();
      client.answer = failing(new Error('Connection is closed.'));
      client.becomes('ready');
      client.becomes('end');
      await clock.advance(10_000);
      await closing;
      expect(client.sent).not.toContain('connect');
      expect(clock.pending).toBe(0);
    });

    it('does not connect again when the connection is closed while a probe is under way', async () => {
      const connection = await harness.ready();
      await clock.advance(1_000);
      client.answer = SILENT;
      connection.run(get).catch(() => undefined);
      await clock.advance(160);
      expect(client.sent.at(-1)).toBe('del');
      const closing = connection.close();
      client.becomes('end');
      await clock.advance(10_000);
      await closing;
      expect(client.sent).not.toContain('connect');
      expect(clock.pending).toBe(0);
    });

    it('begins as soon as the socket is gone, and ends as soon as it is back', async () => {
      const connection = await harness.ready();
      client.becomes('close', connectionRefused);
      expect(connection.state).toMatchObject({
        kind: 'suspended',
        reason: connectionRefused.message,
      });
      client.becomes('reconnecting');
      client.becomes('connecting');
      client.becomes('connect');
      await clock.advance(30_000);
      expect(client.sent).not.toContain('del');
      client.becomes('ready');
      await clock.advance(0);
      expect(connection.available).toBe(true);
    });

    it('has the reason that is known last', async () => {
      const connection = await harness.ready();
      client.becomes('close');
      expect(connection.state).toMatchObject({ reason: 'the connection was closed' });
      client.becomes('close', connectionRefused);
      expect(connection.state).toMatchObject({ reason: connectionRefused.message });
      client.becomes('close', replyError('WRONGPASS invalid username-password pair'));
      expect(connection.state).toMatchObject({
        reason: 'WRONGPASS invalid username-password pair',
      });
    });

    it('does not end by a probe that began before the connection broke', async () => {
      const connection = await harness.ready();
      client.becomes('close');
      let reply: (value: unknown) => void = () => undefined;
      client.answer = () => new Promise((resolve) => (reply = resolve));
      client.becomes('ready');
      client.answer = SILENT;
      client.becomes('close');
      reply(0);
      await clock.advance(0);
      expect(connection.state.kind).toBe('suspended');
    });

    it('is probed less often when each recovery is followed by another one', async () => {
      const connection = await harness.ready();
      const readonly = replyError("READONLY You can't write against a read only replica.");
      let outages = 0;
      connection.events.on('outage', () => outages++);
      const until = clock.nowMs() + 10_000;
      while (clock.nowMs() < until) {
        client.answer = failing(readonly);
        await connection.run(get).catch(() => undefined);
        client.answer = WELL;
        await clock.advance(10);
      }
      expect(outages).toBeLessThan(20);
    });

    it('of a Cluster ends when all its masters answer and find it well', async () => {
      const masters = [new FakeRedisClient('ready'), new FakeRedisClient('ready')];
      let known = 1; // as far as the client remembers; it learns of the rest by asking
      client = harness.client = Object.assign(new FakeRedisClient('wait', true), {
        nodes: () => masters.slice(0, known),
        refreshSlotsCache: (callback: () => void) => {
          known = 2;
          callback();
        },
      });
      const last = masters[1] as FakeRedisClient;
      last.answer = SILENT;
      const connection = harness.start();
      client.becomes('ready');
      await clock.advance(5_000);
      expect(connection.state).toMatchObject({ reason: 'Redis did not answer within 100 ms' });
      last.answer = () => Promise.resolve('cluster_state:fail');
      await clock.advance(2_000);
      expect(connection.state).toMatchObject({
        reason: 'A node of the cluster says that the cluster is down',
      });
      last.answer = () => Promise.resolve('cluster_state:ok');
      await clock.advance(2_000);
      expect(connection.available).toBe(true);
      expect(client.sent).not.toContain('disconnect(true)');
    });

    it('is no outage that a user may not run the commands of a probe', async () => {
      client.answer = failing(replyError('NOPERM this user has no permissions'));
      await harness.ready();
    });
  });

  describe('a connection that hangs', () => {
    it('is cut when it was silent for long enough, and again if the next one is no better', async () => {
      const connection = await harness.ready();
      client.answer = SILENT;
      connection.run(get).catch(() => undefined);
      await clock.advance(2_000);
      expect(client.sent).not.toContain('disconnect(true)');
      await clock.advance(1_500);
      expect(count('disconnect(true)')).toBe(1);

      await clock.advance(3_000);
      expect(count('disconnect(true)')).toBe(2);
    });

    it('is cut when it hangs amid the handshake, also of the very first connection', async () => {
      const connection = harness.start();
      client.becomes('connect');
      await clock.advance(3_500);
      expect(connection.state).toMatchObject({
        kind: 'suspended',
        reason: 'Redis did not answer within 2000 ms',
      });
      expect(count('disconnect(true)')).toBe(1);
      client.becomes('close');
      expect(connection.state).toMatchObject({ reason: 'Redis did not answer within 2000 ms' });
    });

    it('is left alone if the server says at least that it cannot serve', async () => {
      const connection = await harness.ready();
      client.answer = failing(replyError('LOADING Redis is loading the dataset in memory'));
      connection.run(get).catch(() => undefined);
      await clock.advance(30_000);
      expect(connection.state).toMatchObject({ reason: expect.stringMatching(/^LOADING/) });
      expect(client.sent).not.toContain('disconnect(true)');
    });

    it('is left alone if it is borrowed', async () => {
      const connection = await harness.ready({ owned: false });
      client.answer = SILENT;
      connection.run(get).catch(() => undefined);
      await clock.advance(30_000);
      expect(client.sent).not.toContain('disconnect(true)');
    });

    const count = (call: string): number => client.sent.filter((sent) => sent === call).length;
  });

  describe('a client that has ended', () => {
    it('is connected anew if it is ours', async () => {
      const connection = await harness.ready();
      client.becomes('end', new Error('self-signed certificate'));
      await clock.advance(100);
      expect(client.sent).toEqual(['connect']);
      await clock.advance(40_000);
      const before = client.sent.length;
      await clock.advance(10_000);
      expect(client.sent.length - before).toBe(10);
      expect(connection.state).toMatchObject({ reason: 'self-signed certificate' });
    });

    it('stays as its owner wants it if it is borrowed, until its owner connects it', async () => {
      client.status = 'end';
      const connection = harness.start({ owned: false });
      expect(connection.state).toMatchObject({ kind: 'suspended', reason: 'the client is closed' });
      await clock.advance(30_000);
      expect(client.sent).toEqual([]);
      client.becomes('ready');
      await clock.advance(0);
      expect(connection.available).toBe(true);
    });
  });
});
