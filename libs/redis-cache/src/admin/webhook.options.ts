import { durationMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { AdminPrincipal } from './admin.contract.js';

/** How invalidations that come from outside are trusted. */
export interface AdminWebhookOptions {
  /**
   * What they are signed with, 16 characters or more. Several are for changing one, and for senders
   * that are bound to a tenant.
   */
  secrets: readonly (string | { secret: string; tenant: string })[];
  /** How far the time of signing may be from now, either way. @default '5m' */
  tolerance?: Duration;
}

/** A secret, and whoever signs with it. */
export interface WebhookSecret {
  readonly secret: string;
  readonly principal: AdminPrincipal;
}

export interface ResolvedWebhook {
  readonly secrets: readonly WebhookSecret[];
  readonly toleranceMs: number;
}

const MIN_SECRET_LENGTH = 16;

/** @throws {InvalidCacheOptionsError} never showing a secret */
export function resolveWebhook(options: AdminWebhookOptions, option: string): ResolvedWebhook {
  knownFields(options, option, ['secrets', 'tolerance']);
  const { secrets, tolerance = '5m' } = options;
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [];
  const resolved = list.map(secretFrom);
  if (resolved.length === 0 || resolved.some((secret) => secret === undefined)) {
    throw new InvalidCacheOptionsError(
      `secrets of ${option}`,
      `${list.length} of them`,
      `one or more, each a text of ${MIN_SECRET_LENGTH} characters or more, or such a text as secret with a tenant`,
      'Make one with: openssl rand -base64 32.',
    );
  }
  return {
    secrets: resolved.filter((secret) => secret !== undefined),
    toleranceMs: durationMs(tolerance, `tolerance of ${option}`),
  };
}

function secretFrom(given: unknown): WebhookSecret | undefined {
  if (isSecret(given)) return { secret: given, principal: { kind: 'operator' } };
  if (typeof given !== 'object' || given === null) return undefined;
  const { secret, tenant } = given as { secret?: unknown; tenant?: unknown };
  if (!isSecret(secret) || typeof tenant !== 'string' || tenant === '') return undefined;
  return { secret, principal: { kind: 'tenant', tenant } };
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && value.length >= MIN_SECRET_LENGTH;
}
