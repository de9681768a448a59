import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A Valkey server in a child process on a loopback port, for machines without Redis. */
export class ValkeyProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(): Promise<ValkeyProcess> {
    const child = fork(join(__dirname, 'valkey-host.mjs'), {
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => []),
    ])) as [{ port: number }?];
    if (!message) {
      throw new Error(
        'The embedded Valkey did not start. Give a server by REDIS_URL, ' +
          'or set REDIS_ENABLED=false to run on the memory of this process alone.',
      );
    }
    // It lives as long as this process, which it does not keep from ending.
    child.unref();
    child.channel?.unref();
    return new ValkeyProcess(`redis://127.0.0.1:${message.port}`, child);
  }

  /** Resolves when the process has ended. */
  async stop(): Promise<void> {
    await this.end(() => this.child.disconnect());
  }

  /** Ends it on the spot, also while it is frozen. */
  async kill(): Promise<void> {
    await this.end(() => this.child.kill('SIGKILL'));
  }

  /** Halts it without ending it: connections stay open and nothing answers. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  private async end(how: () => void): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    how();
    await ended;
  }
}
