/** Our cache. */
export const OWN = 'nestjs-redis-cache';
/** The same where all callers are answered with one object. */
export const OWN_SHARING = `${OWN}, share`;
/** The same where nothing is kept in the process, as by hand. */
export const OWN_FAR_ONLY = `${OWN}, near: false`;

/** An async function over a Map. */
export const MAP = 'Map';
export const MAP_CLONED = 'Map and structuredClone';

/** What code by hand does, with nothing but a client. */
export const RAW = 'ioredis 6, by hand';
export const RAW_5 = 'ioredis 5, by hand';
export const RAW_PIPELINED = 'ioredis 6 auto-pipelining, by hand';
export const RAW_NODE_REDIS = 'node-redis, by hand';
/** The commands of ours, and nothing else. */
export const SKETCH = 'sketch: our commands, nothing else';

/** Ours with the metrics for Prometheus. */
export const WITH_METRICS = 'bus, metrics for Prometheus';
