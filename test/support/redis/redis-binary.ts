import { spawnSync } from 'node:child_process';

/** A server program found on PATH. */
export interface RedisBinary {
  readonly command: string;
  /** As the program tells it, e.g. `7.0.15`. */
  readonly version: string;
}

const COMMANDS = ['redis-server', 'valkey-server'];

let found: RedisBinary | null | undefined;

/** The first server program on PATH, looked for once per process. */
export function findRedisBinary(): RedisBinary | null {
  if (found === undefined) found = search();
  return found;
}

function search(): RedisBinary | null {
  for (const command of COMMANDS) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown' };
  }
  return null;
}
