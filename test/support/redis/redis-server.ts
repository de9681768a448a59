import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { freePort } from '../free-port.js';
import { findRedisBinary } from './redis-binary.js';
import { Watchdog } from './watchdog.js';

/** How a server is started. */
export interface RedisServerOptions {
  /** @default a free one */
  readonly port?: number;
  /** Further arguments of the program, e.g. `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** An existing folder; given, every write is kept there, and a restart finds the data again. */
  readonly appendonlyDir?: string;
  /** A file of settings, which the program may rewrite; given, it is a sentinel. */
  readonly sentinelConfig?: string;
}

type ServerProcess = ChildProcessByStdio<null, Readable, null>;

const READY = 'Ready to accept connections';
const SENTINEL_READY = 'Sentinel ID is';
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
/** Another process may take a free port before the server does. */
export const PORT_ATTEMPTS = 5;

/**
 * Whether tests can have a server of their own. On a developer's machine they are skipped where
 * there is none; where `CI=true` that is an error, for a skipped test proves nothing.
 */
export function hasRedisBinary(): boolean {
  if (findRedisBinary()) return true;
  if (process.env.CI === 'true') {
    throw new Error('Neither redis-server nor valkey-server is on PATH: install one of them.');
  }
  return false;
}

/** A Redis server of a test's own, to be stopped, killed and frozen at will. */
export class RedisServerProcess {
  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
    private child: ServerProcess,
    private watchdog: Watchdog,
  ) {}

  /** Starts a server and waits until it answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServerProcess> {
    for (let attempt = 1; ; attempt++) {
      const port = options.port ?? (await freePort());
      try {
        const child = await launch(port, options);
        return new RedisServerProcess(port, options, child, Watchdog.over(pidOf(child)));
      } catch (error) {
        if (options.port !== undefined || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  get pid(): number {
    return pidOf(this.child);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Shuts the server down in good order: clients see their connection closed. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const forced = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.resume();
    await this.end('SIGTERM');
    clearTimeout(forced);
  }

  /** Ends the server at once, as a crash does. */
  async kill(): Promise<void> {
    if (this.isRunning) await this.end('SIGKILL');
  }

  /** Freezes the server: connections stay open and nothing is answered any more. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** Lets a frozen server go on; it answers what has arrived meanwhile. */
  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Starts the server again on its port; one that still runs is stopped before. */
  async restart(): Promise<void> {
    await this.stop();
    this.child = await launch(this.port, this.options);
    this.watchdog = Watchdog.over(this.pid);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const exited = once(this.child, 'exit');
    // Its end is waited for, also where nothing else keeps this process going.
    this.child.ref();
    this.child.kill(signal);
    await exited;
    this.watchdog.dismiss();
  }
}

async function launch(port: number, options: RedisServerOptions): Promise<ServerProcess> {
  const binary = findRedisBinary();
  if (!binary) throw new Error('Neither redis-server nor valkey-server is on PATH.');
  const child = spawn(binary.command, argumentsFor(port, options), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await ready(child, binary.command, options.sentinelConfig ? SENTINEL_READY : READY);
  // The server must not keep a test process alive that forgot to stop it.
  child.unref();
  if (child.stdout instanceof Socket) child.stdout.unref();
  return child;
}

function argumentsFor(port: number, options: RedisServerOptions): string[] {
  const { args = [], appendonlyDir, sentinelConfig } = options;
  const persistence = appendonlyDir
    ? ['--dir', appendonlyDir, '--appendonly', 'yes', '--appendfsync', 'always']
    : ['--dir', tmpdir(), '--dbfilename', `no-dump-${port}.rdb`, '--appendonly', 'no'];
  const address = ['--port', String(port), '--bind', '127.0.0.1'];
  if (sentinelConfig) return [sentinelConfig, ...address, '--sentinel', ...args];
  return [...address, '--save', '', ...persistence, ...args];
}

/** Resolves when the server says that it is ready, and keeps its output flowing ever after. */
function ready(child: ServerProcess, command: string, sign: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (reason: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${command} ${reason}. Its output:\n${output}`));
    };
    const onExit = (code: number | null): void => {
      fail(`ended with code ${String(code)}`);
    };
    const onError = (error: Error): void => {
      fail(`could not be started (${error.message})`);
    };
    const timer = setTimeout(() => {
      fail(`was not ready after ${String(START_TIMEOUT_MS)} ms`);
    }, START_TIMEOUT_MS);
    const onOutput = (chunk: string): void => {
      output += chunk;
      if (!output.includes(sign)) return;
      clearTimeout(timer);
      child.off('exit', onExit).off('error', onError);
      child.stdout.off('data', onOutput).resume();
      resolve();
    };
    child.once('exit', onExit).once('error', onError);
    child.stdout.setEncoding('utf8').on('data', onOutput);
  });
}

function pidOf(child: ServerProcess): number {
  if (child.pid === undefined) throw new Error('The server process has no id: it never started.');
  return child.pid;
}
