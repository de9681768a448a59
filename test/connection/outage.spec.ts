import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  FarTimeoutError,
  FarUnavailableError,
} from '../../libs/redis-cache/src/errors/far-tier.error.js';
import type { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { closeConnections, connectTo, reaches } from './connection.fixture.js';

const COMMAND_TIMEOUT_MS = 100;
const CALLERS = 64;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A connection of our own in an outage', () => {
  let server: RedisServerProcess;

  const get = (connection: RedisConnection) => connection.run((client) => client.getBuffer('key'));

  beforeEach(async () => {
    server = await RedisServerProcess.start();
  });

  afterEach(async () => {
    server.resume();
    await closeConnections();
    await server.stop();
  });

  it('waits in the background for a server that is absent at boot', async () => {
    await server.kill();
    const connection = connectTo({ url: server.url });
    await connection.whenSettled(50);
    expect(await reaches(connection, 'suspended')).toMatchObject({
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(get(connection)).rejects.toThrow(FarUnavailableError);
    await server.restart();
    await reaches(connection, 'ready');
    await expect(get(connection)).resolves.toBeNull();
  });

  it('notices at once that the server was killed, and uses it again soon after its return', async () => {
    const connection = connectTo({ url: server.url });
    await reaches(connection, 'ready');
    const outage = reaches(connection, 'suspended');
    await server.kill();
    await outage;
    await server.restart();
    await once(connection.client as never, 'ready');
    const connectedAt = performance.now();
    await reaches(connection, 'ready');
    expect(performance.now() - connectedAt).toBeLessThan(300);
    await expect(get(connection)).resolves.toBeNull();
  });

  it('fails the commands under way when the connection breaks', async () => {
    const connection = connectTo({ url: server.url });
    await reaches(connection, 'ready');
    server.pause();
    const outcome = get(connection).catch((error: unknown) => error);
    await server.kill();
    expect(await outcome).toBeInstanceOf(Error);
    expect(await outcome).not.toBeInstanceOf(FarTimeoutError);
  });

  it('keeps every caller on time while the server hangs, and asks it next to nothing', async () => {
    const connection = connectTo({ url: server.url });
    await reaches(connection, 'ready');
    server.pause();
    const hungUntil = performance.now() + 3_000;
    const loopDelay = monitorEventLoopDelay({ resolution: 5 });
    loopDelay.enable();
    const waits: number[] = [];
    const skips: number[] = [];
    const caller = async (): Promise<void> => {
      while (performance.now() < hungUntil) {
        const skipped = !connection.available;
        const startedAt = performance.now();
        await get(connection).catch(() => undefined);
        (skipped ? skips : waits).push(performance.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    loopDelay.disable();
    expect(waits).toHaveLength(CALLERS);
    // On a busy machine this process gets no time now and then, and is late for that.
    const ownDelayMs = loopDelay.max / 1e6;
    expect(Math.max(...waits)).toBeLessThan(COMMAND_TIMEOUT_MS + 50 + ownDelayMs);
    expect(skips.length).toBeGreaterThan(1_000);
    expect(median(skips)).toBeLessThan(1);
    expect(Math.max(...skips)).toBeLessThan(COMMAND_TIMEOUT_MS + ownDelayMs);

    const back = reaches(connection, 'ready');
    server.resume();
    await back;
    await expect(get(connection)).resolves.toBeNull();
    const { client } = connection as unknown as { client: { info(s: string): Promise<string> } };
    const calls = /cmdstat_get:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
    expect(Number(calls)).toBeLessThan(CALLERS + 10);
  });

  it('makes a new connection to a server that hangs for long, and closes the old one', async () => {
    const connection = connectTo({ url: server.url }, { options: { hungAfterMs: 300 } });
    await reaches(connection, 'ready');
    server.pause();
    const cut = once(connection.client as never, 'close');
    await get(connection).catch(() => undefined);
    await cut;
    server.resume();
    await reaches(connection, 'ready');
    expect(await clientsOf(connection)).toBe(1);
  });

  it('gets through the handshake of a server that hangs from the start', async () => {
    server.pause();
    const connection = connectTo({ url: server.url }, { options: { hungAfterMs: 300 } });
    expect(await reaches(connection, 'suspended')).toMatchObject({
      reason: 'Redis did not answer within 300 ms',
    });
    server.resume();
    await reaches(connection, 'ready');
  });

  it.each([
    ['that hangs', async () => server.pause()],
    ['that is gone', () => server.kill()],
  ])('closes within its timeout on a server %s', async (_what, strike) => {
    const options = { closeTimeoutMs: 1_000 };
    const connection = connectTo({ url: server.url }, { options });
    await reaches(connection, 'ready');
    await strike();
    const startedAt = performance.now();
    await connection.close();
    expect(performance.now() - startedAt).toBeLessThan(1_050);
  });

  async function clientsOf(connection: RedisConnection): Promise<number> {
    const { client } = connection as unknown as { client: { info(s: string): Promise<string> } };
    return Number(/connected_clients:(\d+)/.exec(await client.info('clients'))?.[1]);
  }

  function median(values: number[]): number {
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
  }
});
