import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that the system gives outgoing connections (from 32768 on Linux): one of them could take the port
 * of a server that restarts, even one that tries to reach that server. Nor does a cluster's node come there with
 * its second port, which is higher by 10,000.
 */
const LOWEST = 10_240;
const HIGHEST = 22_700;

/** A port that nobody listens on now, nor in all likelihood soon. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
