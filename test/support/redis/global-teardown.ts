import '../typescript/resolve.cjs';
import type {} from './global-setup.js';

/** Ends the server of the run, if the run started it. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.redisForTests?.stop();
}
