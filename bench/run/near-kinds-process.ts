import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { RedisServerProcess } from '../../test/support/redis/redis-server.js';
import type { FoundKinds } from '../near-kinds.program.js';
import type { NearKinds } from '../peer-cache.js';

const BENCH = path.resolve(__dirname, '..');

/** What hits of the peers are, found out once and in a process that measures nothing. */
export async function askForNearKinds(): Promise<NearKinds> {
  const server = await RedisServerProcess.start();
  const child = fork(path.join(BENCH, 'near-kinds.program.ts'), [server.url], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
    serialization: 'advanced',
  });
  try {
    const told = once(child, 'message') as Promise<[FoundKinds]>;
    const ended = once(child, 'exit').then((): [FoundKinds] => [
      new Error('A peer has ended the process that tries how it keeps its values.'),
    ]);
    const [found] = await Promise.race([told, ended]);
    if (found instanceof Error) throw found;
    return found;
  } finally {
    child.kill('SIGKILL');
    await server.stop();
  }
}
