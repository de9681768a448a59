/** A schema of OpenAPI 3, as far as this module uses it. */
export interface OpenApiSchema {
  type?: string;
  description?: string;
  nullable?: boolean;
  enum?: (string | boolean)[];
  items?: OpenApiSchema | OpenApiReference;
  properties?: Record<string, OpenApiSchema | OpenApiReference>;
  required?: string[];
  oneOf?: (OpenApiSchema | OpenApiReference)[];
  minItems?: number;
  maxItems?: number;
  additionalProperties?: boolean | OpenApiSchema | OpenApiReference;
}

export interface OpenApiReference {
  $ref: string;
}

type Schema = OpenApiSchema | OpenApiReference;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const number: Schema = { type: 'number' };
const count: Schema = { type: 'integer' };
/** Whatever JSON can say. */
const any: Schema = {};

/** What the schemas of this module are called in a document. */
export function ref(name: string): OpenApiReference {
  return { $ref: `#/components/schemas/RedisCache${name}` };
}

/** An object; the name of a field that may be left out ends in `?`. */
function object(fields: Record<string, Schema>, description?: string): OpenApiSchema {
  const named = Object.entries(fields).map(
    ([name, schema]) => [name.replace('?', ''), schema] as const,
  );
  const required = Object.keys(fields).filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(named),
    ...(required.length > 0 && { required }),
  };
}

export function words(...values: (string | boolean)[]): OpenApiSchema {
  return { ...(values.every((value) => typeof value === 'string') && text), enum: values };
}

function list(items: Schema, description?: string): OpenApiSchema {
  return { type: 'array', items, ...(description !== undefined && { description }) };
}

function orNull(schema: OpenApiSchema): OpenApiSchema {
  return { ...schema, nullable: true };
}

function told(schema: OpenApiSchema, description: string): OpenApiSchema {
  return { ...schema, description };
}

const tenant = orNull(told({ type: 'string' }, 'Null is the global scope'));
const atMs = told({ type: 'number' }, 'Milliseconds since 1970');
const mode = words('redis', 'memory', 'fallback');
const period = object({ fromMs: number, toMs: number });
const near = object({ entries: count, bytes: count, evictions: count });
const journal = object({ size: count, unacknowledged: count });
const state = (description: string) => orNull({ ...object({ kind: text }), description });

const rolloutState = object({
  mode: words('off', 'shadow', 'on'),
  'percent?': number,
  'tenants?': list(text),
});
const rollout = {
  cache: text,
  state: rolloutState,
  configured: told(rolloutState, 'What the options of this process say'),
  overridden: flag,
  version: count,
};

const statistics = {
  mode,
  'connection?': text,
  period,
  total: object({}, 'As CacheFigures of getStats()'),
  caches: told({ type: 'object', additionalProperties: object({}) }, 'CacheFigures by cache'),
  evictions: object({}, 'By what they hit'),
  tenants: object({ calls: list(object({})), loads: list(object({})) }, 'The busiest'),
  near,
  flights: count,
  journal,
  bus: object({ trusted: flag, 'delayMs?': number }),
};

/** What the routes answer; `admin.contract.ts` says the same in TypeScript. */
export const SCHEMAS: Readonly<Record<string, OpenApiSchema>> = {
  PageSettings: object({
    credentialHeader: orNull({ type: 'string' }),
    streamIntervalMs: number,
    aliveMs: number,
  }),
  Session: object({
    principal: object({ kind: words('operator', 'tenant'), 'tenant?': text }),
    values: words(false, 'read', 'write'),
  }),
  OperatorStatistics: object({
    principal: words('operator'),
    ...statistics,
    'redis?': orNull(object({}, 'What Redis says of itself')),
  }),
  TenantStatistics: object({
    principal: words('tenant'),
    tenant: text,
    mode,
    period,
    calls: orNull(told({ type: 'integer' }, 'At least so many; null if not among the busiest')),
    loads: orNull({ type: 'integer' }),
  }),
  Caches: object({
    caches: list(
      object({
        name: text,
        scope: words('tenant', 'global'),
        version: count,
        ttlMs: number,
        graceMs: number,
        refreshAhead: number,
        jitter: number,
        near: { oneOf: [object({ ttlMs: number, share: flag }), words(false)] },
        softTimeoutMs: number,
        loadTimeoutMs: number,
        waitTimeoutMs: number,
        maxBytes: count,
        compressFromBytes: { oneOf: [number, words(false)] },
      }),
    ),
  }),
  Health: object({
    atMs,
    status: words('ok', 'degraded'),
    mode,
    connection: state('Null where no Redis is configured'),
    'pingMs?': orNull({ type: 'number' }),
    'lackingPermissions?': text,
    breaker: state('Null where no Redis is configured'),
    bus: object({ trusted: flag, 'delayMs?': number }),
    journal,
    near,
    'persistence?': object({ available: flag, unacknowledged: count }),
    flights: count,
    stream: object({ listeners: count, maxListeners: count }),
  }),
  Loads: object({
    slowest: list(
      object({ atMs, durationMs: number, failed: flag, tenant, cache: text, key: text }),
    ),
  }),
  Events: object({
    events: list(
      object({
        id: told({ type: 'number' }, 'Grows from event to event'),
        atMs,
        type: text,
        severity: words('info', 'warning', 'error'),
        'tenant?': tenant,
        'cache?': text,
        'key?': text,
        summary: text,
      }),
    ),
    gap: told({ type: 'boolean' }, 'Whether events after the one asked for may be gone'),
  }),
  Entry: object({
    entry: object({ tenant, cache: text, version: count, key: text, redisKey: text }),
    outlook: object({ kind: words('bypass', 'hit', 'stale', 'join', 'miss') }),
    near: object({ kind: text }),
    far: object({ kind: text }),
    flights: count,
    'lease?': object({ ours: flag, leftMs: number }),
    'lastInvalidation?': object({ level: text, by: text, atMs }),
    bus: text,
    mode,
    'connection?': object({ kind: text }),
    'value?': orNull({
      ...object({ kind: words('json', 'text'), 'json?': any, 'text?': text }),
      description: 'Null if there is no fresh one',
    }),
  }),
  EntrySet: object({ stored: told({ type: 'boolean' }, 'False where it was not to be stored') }),
  EntryEvicted: object({ existed: flag }),
  Evicted: object({
    acknowledged: told({ type: 'boolean' }, 'False while Redis is away: it will be replayed'),
  }),
  PatternEvicted: object({ count }),
  Purge: object({
    id: text,
    tenant: text,
    state: words('running', 'done', 'incomplete'),
    startedAtMs: number,
    'endedAtMs?': number,
    deleted: count,
    'progress?': object({ step: text, node: count, nodes: count, scanned: count }),
    'message?': text,
  }),
  Purges: object({ purges: list(ref('Purge')) }),
  Rollouts: object({ rollouts: list(object(rollout)) }),
  RolloutChanged: object({
    ...rollout,
    shared: told({ type: 'boolean' }, 'False while Redis is away: the others learn of it later'),
  }),
  WebhookAccepted: object({ applied: count }),
  Problem: object({
    type: words('about:blank'),
    title: text,
    status: count,
    detail: text,
    instance: text,
    'errors?': list(object({ field: text, message: text })),
  }),
};

const stated = {
  key: told({}, 'Any key that JSON can say; an array is several parts'),
  encodedKey: told({ type: 'string' }, 'A key as it stands in Redis, instead of key'),
  tenant: told({ type: 'string' }, 'For a cache per tenant; a tenant may leave it out'),
  tags: { type: 'array', items: text, minItems: 1, maxItems: 100 } satisfies OpenApiSchema,
};
const owner = {
  'tenant?': stated.tenant,
  'global?': told({ type: 'boolean' }, 'What belongs to no tenant, instead of tenant'),
};
const ofKey = {
  cache: text,
  'key?': stated.key,
  'encodedKey?': stated.encodedKey,
  'tenant?': stated.tenant,
};

/** What bodies hold. */
export const BODIES = {
  entry: object({ ...ofKey, value: any, 'ttl?': any, 'tags?': stated.tags }),
  tags: object({ tags: stated.tags, ...owner }),
  pattern: object({ pattern: text, ...owner }),
  cache: object({ cache: text, 'tenant?': stated.tenant }),
  tenant: object({ 'tenant?': stated.tenant }),
  none: object({}),
  rollout: object({
    cache: text,
    'mode?': told(words('off', 'shadow', 'on'), 'On, where it is left out'),
    'percent?': told({ type: 'number' }, '100, or 0 where tenants are named'),
    'tenants?': { type: 'array', items: text, maxItems: 500 },
    'version?': told({ type: 'integer' }, 'Refused if somebody has changed it since'),
  }),
  invalidations: object({
    invalidations: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      description: 'Each with the fields of the eviction that by names',
      items: object({ by: words('key', 'tags', 'pattern', 'cache', 'tenant', 'all') }),
    },
  }),
} satisfies Record<string, OpenApiSchema>;
