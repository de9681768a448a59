import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs a function in no context of whoever calls it: no tenant, no transaction, no request.
 *
 * The snapshot is taken when this file is loaded, not when an application is made: on a serverless
 * platform that may happen within the first request.
 */
export const outsideAnyCall = AsyncLocalStorage.snapshot();
