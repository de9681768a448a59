import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * `read` returns when this process closes the other end of the pipe, that is when it dies, of
 * whatever cause. The signals of a terminal's Ctrl-C are ignored: the watched process may be stopped
 * (SIGSTOP) and would not see them.
 */
const SCRIPT = `trap '' INT TERM HUP; read -r _; kill -KILL "$1"`;

/** Watches over a child process that would otherwise outlive this one. */
export class Watchdog {
  private constructor(private readonly shell: ChildProcess) {}

  /** Has the process killed as soon as this one is gone. */
  static over(pid: number): Watchdog {
    const shell = spawn('sh', ['-c', SCRIPT, 'sh', String(pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    shell.unref();
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    return new Watchdog(shell);
  }

  /** To be called once the watched process has ended, for its id may be given to another. */
  dismiss(): void {
    this.shell.kill('SIGKILL');
  }
}
