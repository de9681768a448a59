import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { durationMs, type Duration } from '../config/duration.js';
import { flag, knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { AdminRequest } from './admin-principal.js';
import type { AdminPrincipal, AdminValues } from './admin.contract.js';
import {
  resolveWebhook,
  type AdminWebhookOptions,
  type ResolvedWebhook,
} from './webhook.options.js';

/** What has to be known before anything is injected: where the routes are, and who stands before them. */
export interface AdminSurfaceOptions {
  /** What the routes begin with. @default 'admin/cache' */
  path?: string;
  /** Guards before every route but the webhook: classes that Nest injects, or instances. */
  guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** True serves the routes without a guard: to everybody who can reach them. @default false */
  unprotected?: boolean;
  /** Applied to every controller: what lets it pass a global guard, say. @default [] */
  decorators?: readonly ClassDecorator[];
  /** The page of the dashboard; false leaves it out. @default {} */
  page?: false | AdminPageOptions;
  /** What has to be imported to find the cache, and what the guards need. @default [] */
  imports?: ModuleMetadata['imports'];
}

/** How the page of the dashboard is served. */
export interface AdminPageOptions {
  /** True serves the page, which holds no data, without a guard. @default false */
  open?: boolean;
  /**
   * The header for the credential that the page asks its user for, such as `x-operator-key`. Without
   * it the browser has to have one to send by itself, such as a cookie.
   */
  credentialHeader?: string;
}

/** What may come from a factory. */
export interface AdminRuntimeOptions {
  /**
   * Who is asking, once the guards have let the request pass. Undefined is refused. Where it is left
   * out, that is what a guard has left in `request.cacheAdmin`, and an operator if `unprotected`.
   */
  principal?: (
    request: AdminRequest,
  ) => AdminPrincipal | undefined | Promise<AdminPrincipal | undefined>;
  /** Whether values of entries are shown, and may be set. @default false */
  values?: AdminValues;
  /** How many events are kept for those who come later. @default 500 */
  maxEvents?: number;
  stream?: AdminStreamOptions;
  /** Takes evictions that are signed; left out, none is taken. */
  webhook?: AdminWebhookOptions;
}

/** The stream of events and figures. */
export interface AdminStreamOptions {
  /** How often figures come; from 250 ms to 15 s. @default '2s' */
  interval?: Duration;
  /** How many may listen at once. @default 20 */
  maxListeners?: number;
  /** A listener that takes nothing for so long is dropped. @default '10s' */
  slowAfter?: Duration;
  /** When a stream is ended, so that its listener comes again and is asked who it is. @default '15m' */
  maxAge?: Duration;
}

/** Options of `RedisCacheAdminModule.register`. */
export interface RedisCacheAdminOptions extends AdminSurfaceOptions, AdminRuntimeOptions {}

/** The surface with every default filled in. */
export interface ResolvedAdminSurface {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  readonly unprotected: boolean;
  readonly decorators: readonly ClassDecorator[];
  readonly page: { readonly open: boolean; readonly credentialHeader: string | null } | undefined;
}

/** The rest with every default filled in. */
export interface ResolvedAdminOptions {
  readonly principal: (request: AdminRequest) => unknown;
  readonly values: AdminValues;
  readonly maxEvents: number;
  readonly stream: ResolvedStream;
  readonly webhook: ResolvedWebhook | undefined;
}

export interface ResolvedStream {
  readonly intervalMs: number;
  readonly maxListeners: number;
  readonly slowAfterMs: number;
  readonly maxAgeMs: number;
}

/** Token of {@link ResolvedAdminOptions}. */
export const ADMIN_OPTIONS = Symbol.for('nestjs-redis-cache.admin-options');

/** Token of {@link ResolvedAdminSurface}. */
export const ADMIN_SURFACE = Symbol.for('nestjs-redis-cache.admin-surface');

/** Token of the clock that the stream and the webhook go by. */
export const ADMIN_CLOCK = Symbol.for('nestjs-redis-cache.admin-clock');

const MODULE = 'RedisCacheAdminModule';
const RUNTIME_FIELDS = ['principal', 'values', 'maxEvents', 'stream', 'webhook'] as const;
const STREAM_FIELDS = ['interval', 'maxListeners', 'slowAfter', 'maxAge'] as const;

const SEGMENT = /^[A-Za-z0-9._~-]+$/;
const HEADER = /^[A-Za-z0-9-]+$/;
const MIN_INTERVAL_MS = 250;
/** Figures are also the sign of life, and proxies cut what is silent for half a minute. */
const MAX_INTERVAL_MS = 15_000;

/** @throws {InvalidCacheOptionsError} above all where there is no guard and nobody said that this is meant */
export function resolveSurface(options: AdminSurfaceOptions): ResolvedAdminSurface {
  const { path = 'admin/cache', guards = [], unprotected = false, decorators = [] } = options;
  flag(unprotected, `unprotected of ${MODULE}`);
  assertGuarded(options.guards, unprotected);
  const segments = typeof path === 'string' ? path.replace(/^\/|\/$/g, '').split('/') : [''];
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    throw new InvalidCacheOptionsError(
      `path of ${MODULE}`,
      path,
      'segments of letters, digits or . _ ~ - with slashes between them',
      `Write for instance 'admin/cache'.`,
    );
  }
  const page = options.page === false ? undefined : resolvePage(options.page ?? {});
  return { path: segments.join('/'), guards, unprotected, decorators, page };
}

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveAdminOptions(
  options: AdminRuntimeOptions,
  { unprotected }: ResolvedAdminSurface,
): ResolvedAdminOptions {
  knownFields(options, `options of ${MODULE}`, RUNTIME_FIELDS);
  const { principal, values = false, maxEvents = 500, stream = {}, webhook } = options;
  if (principal !== undefined && typeof principal !== 'function') {
    throw new InvalidCacheOptionsError(
      `principal of ${MODULE}`,
      principal,
      'a function of the request',
      `Write for instance principal: () => ({ kind: 'operator' }).`,
    );
  }
  if (![false, 'read', 'write'].includes(values)) {
    throw new InvalidCacheOptionsError(
      `values of ${MODULE}`,
      values,
      `false, 'read' or 'write'`,
      `Values are your users' data: show them only where that is right.`,
    );
  }
  return {
    principal: principal ?? (unprotected ? everybody : leftByGuard),
    values,
    maxEvents: wholeNumber(maxEvents, `maxEvents of ${MODULE}`, 1),
    stream: resolveStream(stream),
    webhook: webhook && resolveWebhook(webhook, `webhook of ${MODULE}`),
  };
}

function assertGuarded(guards: unknown, unprotected: boolean): void {
  const option = `guards of ${MODULE}`;
  const isList = Array.isArray(guards) && guards.length > 0 && guards.every(isGuard);
  if (unprotected ? guards === undefined : isList) return;
  throw new InvalidCacheOptionsError(
    option,
    guards,
    unprotected ? 'none where unprotected is true' : 'at least one guard',
    'These routes show and evict what every tenant has. Give guards: [OperatorGuard], or say ' +
      'unprotected: true if nobody but operators can reach them, as on a port of its own.',
  );
}

function isGuard(guard: unknown): boolean {
  const able = (
    typeof guard === 'function' ? guard.prototype : guard
  ) as Partial<CanActivate> | null;
  return typeof able?.canActivate === 'function';
}

function resolvePage(page: AdminPageOptions): ResolvedAdminSurface['page'] {
  const option = `page of ${MODULE}`;
  knownFields(page, option, ['open', 'credentialHeader']);
  const { open = false, credentialHeader = null } = page;
  if (credentialHeader !== null && !HEADER.test(credentialHeader)) {
    throw new InvalidCacheOptionsError(
      `credentialHeader of ${option}`,
      credentialHeader,
      'the name of a header',
      `Write for instance 'x-operator-key'.`,
    );
  }
  return { open: flag(open, `open of ${option}`), credentialHeader };
}

function resolveStream(stream: AdminStreamOptions): ResolvedStream {
  const option = `stream of ${MODULE}`;
  knownFields(stream, option, STREAM_FIELDS);
  const { interval = '2s', maxListeners = 20, slowAfter = '10s', maxAge = '15m' } = stream;
  const intervalMs = durationMs(interval, `interval of ${option}`);
  if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
    throw new InvalidCacheOptionsError(
      `interval of ${option}`,
      interval,
      'from 250 ms to 15 s',
      'Figures are also the sign of life of the stream.',
    );
  }
  return {
    intervalMs,
    maxListeners: wholeNumber(maxListeners, `maxListeners of ${option}`, 1),
    slowAfterMs: durationMs(slowAfter, `slowAfter of ${option}`),
    maxAgeMs: durationMs(maxAge, `maxAge of ${option}`),
  };
}

function leftByGuard({ cacheAdmin }: AdminRequest): unknown {
  return cacheAdmin;
}

function everybody(): AdminPrincipal {
  return { kind: 'operator' };
}
