import {
  BODIES,
  ref,
  SCHEMAS,
  words,
  type OpenApiReference,
  type OpenApiSchema,
} from './open-api-schemas.js';
import { CACHE_SIGNATURE_HEADER } from '../signing/webhook-signature.js';

/** A part of an OpenAPI 3 document. */
export interface AdminOpenApi {
  paths: Record<string, Partial<Record<OpenApiMethod, OpenApiOperation>>>;
  components: { schemas: Record<string, OpenApiSchema> };
}

export type OpenApiMethod = 'get' | 'put' | 'post' | 'delete';

export interface OpenApiOperation {
  operationId: string;
  tags: string[];
  summary: string;
  security?: Record<string, string[]>[];
  parameters?: OpenApiParameter[];
  requestBody?: { required: boolean; content: OpenApiContent };
  responses: Record<string, { description: string; content?: OpenApiContent }>;
}

export interface OpenApiParameter {
  name: string;
  in: 'query' | 'header' | 'path';
  required: boolean;
  schema: OpenApiSchema;
  description?: string;
}

export type OpenApiContent = Record<string, { schema: OpenApiSchema | OpenApiReference }>;

const text: OpenApiSchema = { type: 'string' };
const flag: OpenApiSchema = { type: 'boolean' };

const ENTRY_QUERY = [
  query('cache', true),
  query('key', false, text, 'A key that is a text'),
  query('encodedKey', false, text, 'A key as it stands in Redis, instead of key'),
  query('tenant', false, text, 'For a cache per tenant; a tenant may leave it out'),
];

/**
 * Describes the routes for the OpenAPI document of an application, as a part to be merged into it.
 * Decorators of `@nestjs/swagger` would make that a dependency of everybody, described or not.
 *
 * @param options `path` of the module, with the global prefix of the application if there is one;
 *   `page`, false where the page is left out; `security`, what the guards ask for, as in the `security`
 *   of a document: the webhook is asked for its signature instead
 */
export function adminOpenApi({
  path = 'admin/cache',
  page = true,
  security,
}: { path?: string; page?: boolean; security?: OpenApiOperation['security'] } = {}): AdminOpenApi {
  const at = `/${path.replace(/^\/|\/$/g, '')}`;
  const routes = Object.entries({ ...ROUTES, ...(page && PAGE_ROUTES) });
  const schemas = Object.entries(SCHEMAS).map(([name, schema]) => [`RedisCache${name}`, schema]);
  return {
    paths: Object.fromEntries(
      routes.map(([route, methods]) => [
        at + route,
        security ? secured(methods, security) : methods,
      ]),
    ),
    components: { schemas: Object.fromEntries(schemas) as Record<string, OpenApiSchema> },
  };
}

const ROUTES: AdminOpenApi['paths'] = {
  '/session': { get: json('session', 'Who is asking', ref('Session')) },
  '/statistics': {
    get: json(
      'statistics',
      'What the caches did',
      { oneOf: [ref('OperatorStatistics'), ref('TenantStatistics')] },
      [query('window', false, words('start', '1m', '5m', '15m')), query('redis', false, flag)],
    ),
  },
  '/caches': { get: json('caches', 'Caches and their policies', ref('Caches')) },
  '/health': { get: json('health', 'Health in detail', ref('Health')) },
  '/loads': { get: json('loads', 'The slowest loads of the last 15 minutes', ref('Loads')) },
  '/events': {
    get: json('events', 'The latest events', ref('Events'), [
      query('after', false, text, 'Id of an event'),
      query('limit', false, text, '1 to 500'),
    ]),
  },
  '/stream': {
    get: {
      ...operation('stream', 'Events and figures as Server-Sent Events'),
      parameters: [query('after'), header('Last-Event-ID', false)],
      responses: answers(200, { 'text/event-stream': { schema: text } }),
    },
  },
  '/entries': {
    get: json('explainEntry', 'Why a read would hit or miss', ref('Entry'), [
      ...ENTRY_QUERY,
      query('value', false, flag),
    ]),
    put: taking('setEntry', 'Set an entry', BODIES.entry, ref('EntrySet')),
    delete: json('evictEntry', 'Evict an entry', ref('EntryEvicted'), ENTRY_QUERY),
  },
  '/evictions/tags': {
    post: taking('evictTags', 'Evict what has a tag', BODIES.tags, ref('Evicted')),
  },
  '/evictions/pattern': {
    post: taking(
      'evictPattern',
      'Evict what a pattern takes',
      BODIES.pattern,
      ref('PatternEvicted'),
    ),
  },
  '/evictions/cache': {
    post: taking('evictCache', 'Evict a cache', BODIES.cache, ref('Evicted')),
  },
  '/evictions/tenant': {
    post: taking('evictTenant', 'Evict all that a tenant has', BODIES.tenant, ref('Evicted')),
  },
  '/evictions/all': {
    post: taking('evictAll', 'Evict everything of everybody', BODIES.none, ref('Evicted')),
  },
  '/purges': {
    get: json('purges', 'The latest purges', ref('Purges')),
    post: taking('purgeTenant', 'Erase all that a tenant has', BODIES.tenant, ref('Purge'), 202),
  },
  '/purges/{id}': {
    get: json('purge', 'How far a purge has come', ref('Purge'), [
      { name: 'id', in: 'path', required: true, schema: text },
    ]),
  },
  '/rollouts': {
    get: json('rollouts', 'For whom each cache is used', ref('Rollouts')),
    put: taking('changeRollout', 'Change that', BODIES.rollout, ref('RolloutChanged')),
    delete: json('resetRollout', 'Have the options hold again', ref('RolloutChanged'), [
      query('cache', true),
    ]),
  },
  '/webhook': {
    post: {
      ...taking('webhook', 'Take signed evictions', BODIES.invalidations, ref('WebhookAccepted')),
      security: [],
      parameters: [header(CACHE_SIGNATURE_HEADER, true)],
    },
  },
};

const PAGE_ROUTES: AdminOpenApi['paths'] = {
  '': {
    get: {
      ...operation('page', 'The page of the dashboard'),
      responses: answers(200, { 'text/html': { schema: text } }),
    },
  },
  '/assets/settings.json': {
    get: json('pageSettings', 'What the page has to know', ref('PageSettings')),
  },
  '/assets/{file}': {
    get: {
      ...operation('pageFile', 'A file of the page'),
      parameters: [{ name: 'file', in: 'path', required: true, schema: text }],
      responses: answers(200, { '*/*': { schema: text } }),
    },
  },
};

/** Operations that say nothing of it themselves need the security given. */
function secured(
  methods: AdminOpenApi['paths'][string],
  security: OpenApiOperation['security'],
): AdminOpenApi['paths'][string] {
  return Object.fromEntries(
    Object.entries(methods).map(([method, described]) => [method, { security, ...described }]),
  );
}

function operation(
  name: string,
  summary: string,
): Pick<OpenApiOperation, 'operationId' | 'tags' | 'summary'> {
  return { operationId: `RedisCacheAdmin_${name}`, tags: ['cache'], summary };
}

function json(
  name: string,
  summary: string,
  schema: OpenApiSchema | OpenApiReference,
  parameters: OpenApiParameter[] = [],
): OpenApiOperation {
  const responses = answers(200, { 'application/json': { schema } });
  return { ...operation(name, summary), ...(parameters.length > 0 && { parameters }), responses };
}

function taking(
  name: string,
  summary: string,
  body: OpenApiSchema,
  schema: OpenApiReference,
  status = 200,
): OpenApiOperation {
  return {
    ...operation(name, summary),
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: answers(status, { 'application/json': { schema } }),
  };
}

function answers(status: number, content: OpenApiContent): OpenApiOperation['responses'] {
  const problem = { 'application/problem+json': { schema: ref('Problem') } };
  return {
    [status]: { description: 'As asked', content },
    default: { description: 'What went wrong', content: problem },
  };
}

function query(
  name: string,
  required = false,
  schema: OpenApiSchema = text,
  description?: string,
): OpenApiParameter {
  return { name, in: 'query', required, schema, ...(description !== undefined && { description }) };
}

function header(name: string, required: boolean): OpenApiParameter {
  return { name, in: 'header', required, schema: text };
}
