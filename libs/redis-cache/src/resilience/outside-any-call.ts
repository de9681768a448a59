import { AsyncResource } from 'node:async_hooks';

/** Made when this file is loaded, not with an application: on a serverless platform that may be within a request. */
const outside = new AsyncResource('nestjs-redis-cache', { requireManualDestroy: true });
// There is nothing to wait for. Jest's --detectOpenHandles takes one that is not destroyed for a handle.
outside.emitDestroy();

/** Runs a function in no context of whoever calls it: no tenant, no transaction, no request. */
export function outsideAnyCall<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return outside.runInAsyncScope(fn, undefined, ...args);
}
