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

/** What came to servers after Redis 6.0, the oldest that the library runs on. */
const SINCE = {
  'ACL rules for channels': [6, 2],
  'ACL rules for subcommands': [7, 0],
  'sharded pub/sub': [7, 0],
} as const;

/** Whether the server program on PATH is new enough for a feature; a suite that needs it is skipped else. */
export function serverHas(feature: keyof typeof SINCE): boolean {
  const [major = 0, minor = 0] = (findRedisBinary()?.version ?? '').split('.').map(Number);
  const [sinceMajor, sinceMinor] = SINCE[feature];
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

function search(): RedisBinary | null {
  for (const command of COMMANDS) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown' };
  }
  return null;
}
