import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.js';
import { ToxicProxy, type Direction } from './toxic-proxy.js';

const SILENCE_MS = 100;

describe('ToxicProxy', () => {
  let server: Server;
  let proxy: ToxicProxy;
  /** Connections as the server sees them, and what it has received. */
  let accepted: Socket[];
  let received: string;
  const clients: Socket[] = [];

  const dial = async (): Promise<Socket> => {
    const client = connect(proxy.port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    return client;
  };

  /** What the server answers; it sends back what it is sent. */
  const echoOf = async (client: Socket, text: string): Promise<string> => {
    const answer = once(client, 'data');
    client.write(text);
    return String((await answer)[0]);
  };

  const isSilent = async (client: Socket, act: () => void): Promise<boolean> => {
    const heard = Promise.race([once(client, 'data'), once(client, 'close')]);
    act();
    return (await Promise.race([heard, sleep(SILENCE_MS, 'silence')])) === 'silence';
  };

  beforeEach(async () => {
    accepted = [];
    received = '';
    server = createServer((socket) => {
      accepted.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        received += String(bytes);
        socket.write(bytes);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await ToxicProxy.before((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    server.close();
  });

  it('passes bytes on in both directions', async () => {
    const client = await dial();
    expect(await echoOf(client, 'ping')).toBe('ping');
    expect(received).toBe('ping');
    expect(proxy.url).toBe(`redis://127.0.0.1:${proxy.port}`);
  });

  it('passes on the end of a connection, whichever side it is of', async () => {
    const [one, other] = [await dial(), await dial()];
    await Promise.all([echoOf(one, '1'), echoOf(other, '2')]);
    const closedAtServer = once(accepted[0] as Socket, 'close');
    one.end();
    await closedAtServer;
    const closedAtClient = once(other, 'close');
    accepted[1]?.end();
    await closedAtClient;
    await until(() => proxy.connections === 0);
  });

  it('cuts all connections and each new one, until it is healed', async () => {
    const client = await dial();
    const closed = once(client, 'close');
    proxy.cut();
    await closed;
    await once(await dial(), 'close');
    proxy.heal();
    expect(await echoOf(await dial(), 'ping')).toBe('ping');
  });

  it('delays, and keeps the order when the delay ends', async () => {
    const client = await dial();
    await echoOf(client, 'warm');
    proxy.delay(SILENCE_MS);
    const beganMs = performance.now();
    client.write('first ');
    await sleep(SILENCE_MS / 2);
    proxy.heal();
    expect(await echoOf(client, 'second')).toMatch(/^first/);
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(SILENCE_MS - 1);
    expect(received).toMatch(/^warmfirst/);
  });

  it.each<[Direction, string]>([
    ['toServer', ''],
    ['toClient', 'ping'],
  ])('swallows what goes %s, on connections that are open and new ones', async (way, arrives) => {
    const open = await dial();
    await echoOf(open, 'warm');
    received = '';
    proxy.swallow(way);
    expect(await isSilent(open, () => open.write('ping'))).toBe(true);
    expect(received).toBe(arrives);

    const late = await dial();
    expect(await isSilent(late, () => late.write('ping'))).toBe(true);

    proxy.heal();
    // Bytes are missing on those two: they stay as they are.
    expect(await isSilent(open, () => open.write('pong'))).toBe(true);
    expect(await echoOf(await dial(), 'ping')).toBe('ping');
  });

  it('lets nobody hear the end of a connection that is half-open', async () => {
    const client = await dial();
    await echoOf(client, 'warm');
    proxy.swallow('toClient');
    expect(await isSilent(client, () => accepted[0]?.destroy())).toBe(true);
    expect(proxy.connections).toBe(1);
  });

  it('swallows messages alone, for those that listen by now', async () => {
    const listener = await dial();
    const other = await dial();
    await Promise.all([echoOf(listener, 'subscribe channel'), echoOf(other, 'get key')]);
    expect(proxy.listeners).toBe(1);
    proxy.swallowMessages();
    expect(proxy.listeners).toBe(0);
    expect(await isSilent(listener, () => listener.write('ping'))).toBe(true);
    expect(await echoOf(other, 'ping')).toBe('ping');
    expect(await echoOf(await dial(), 'subscribe channel')).toBe('subscribe channel');
  });

  it('closes a connection whose server is not there', async () => {
    server.close();
    await once(server, 'close');
    const client = await dial();
    await once(client, 'close');
  });
});
