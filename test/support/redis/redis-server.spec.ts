import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Redis from 'ioredis';
import { newDataFolder } from '../data-folder.js';
import { hasRedisBinary, RedisServerProcess } from './redis-server.js';

const REGISTER = join(__dirname, '../typescript/register.cjs');
const ANSWER_WITHIN_MS = 300;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('RedisServerProcess', () => {
  let server: RedisServerProcess;
  const clients: Redis[] = [];

  const connect = async (): Promise<Redis> => {
    const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };

  const start = async (options?: Parameters<typeof RedisServerProcess.start>[0]): Promise<void> => {
    server = await RedisServerProcess.start(options);
  };

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await server.stop();
  });

  it('answers as soon as it is started', async () => {
    await start();
    expect(await (await connect()).ping()).toBe('PONG');
    expect(server.url).toBe(`redis://127.0.0.1:${String(server.port)}`);
    expect(isAlive(server.pid)).toBe(true);
  });

  it('hands its arguments to the program', async () => {
    await start({ args: ['--maxmemory', '3mb'] });
    expect(await (await connect()).config('GET', 'maxmemory')).toEqual(['maxmemory', '3145728']);
  });

  it('is gone after stop, and after kill', async () => {
    await start();
    const client = await connect();
    const closed = once(client, 'end');
    await server.stop();
    await closed;
    expect(server.isRunning).toBe(false);

    await server.restart();
    const { pid } = server;
    await server.kill();
    expect(isAlive(pid)).toBe(false);
  });

  it('comes back on the same port, empty', async () => {
    await start();
    await (await connect()).set('key', 'value');
    const { port, pid } = server;
    await server.kill();
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await (await connect()).get('key')).toBeNull();
  });

  it('finds its data again where it was given a folder for them', async () => {
    const appendonlyDir = await newDataFolder('redis-server');
    try {
      await start({ appendonlyDir });
      await (await connect()).set('key', 'value');
      await server.kill();
      await server.restart();
      expect(await (await connect()).get('key')).toBe('value');
      await server.stop();
    } finally {
      await rm(appendonlyDir, { recursive: true });
    }
  });

  it('answers nothing while it is paused, and everything once it is resumed', async () => {
    await start();
    const client = await connect();
    server.pause();
    const answer = client.ping();
    const silence = new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS, 'silence'));
    expect(await Promise.race([answer, silence])).toBe('silence');
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('can be stopped while it is paused', async () => {
    await start();
    server.pause();
    await server.stop();
    expect(server.isRunning).toBe(false);
  });

  it('says why the program did not start', async () => {
    await start();
    const second = RedisServerProcess.start({ port: server.port });
    await expect(second).rejects.toThrow(
      /ended with code 1\. Its output:[^]*Could not create server/,
    );
  });

  it('does not outlive the process that started it', async () => {
    await start();
    const script = `
      const { RedisServerProcess } = require(${JSON.stringify(join(__dirname, 'redis-server.ts'))});
      RedisServerProcess.start().then((server) => {
        server.pause();
        console.log(server.pid);
        setInterval(() => {}, 1000);
      });`;
    const owner = spawn(process.execPath, ['--require', REGISTER, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string];
    expect(isAlive(Number(pid))).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await waitUntil(() => !isAlive(Number(pid)));
  });
});

describe('hasRedisBinary', () => {
  const { CI } = process.env;

  afterEach(() => {
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  });

  /** On a machine with neither program. */
  const look = (): boolean => {
    let found = true;
    jest.isolateModules(() => {
      jest.doMock('./redis-binary.js', () => ({ findRedisBinary: () => null }));
      const module = jest.requireActual<typeof import('./redis-server.js')>('./redis-server.js');
      found = module.hasRedisBinary();
    });
    return found;
  };

  it('is false without a program on PATH', () => {
    delete process.env.CI;
    expect(look()).toBe(false);
  });

  it('is an error without a program on PATH where a skipped test would go unseen', () => {
    process.env.CI = 'true';
    expect(look).toThrow('install one of them');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
