import { durationMs, type Duration } from '../config/duration.js';
import { knownFields, UNSEEN } from '../config/option-checks.js';
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
const A_SECRET = `a text of ${MIN_SECRET_LENGTH} characters or more, or such a text as secret with a tenant`;

/** @throws {InvalidCacheOptionsError} never showing a secret */
export function resolveWebhook(options: AdminWebhookOptions, option: string): ResolvedWebhook {
  knownFields(options, option, ['secrets', 'tolerance']);
  const { secrets, tolerance = '5m' } = options;
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw refusal(`secrets of ${option}`, withoutSecrets(secrets), `one or more, each ${A_SECRET}`);
  }
  return {
    secrets: secrets.map((given: unknown, index) => {
      const secret = secretFrom(given);
      if (secret) return secret;
      throw refusal(`secrets[${index}] of ${option}`, withoutSecrets(given), A_SECRET);
    }),
    toleranceMs: durationMs(tolerance, `tolerance of ${option}`),
  };
}

function refusal(option: string, shown: unknown, expected: string): InvalidCacheOptionsError {
  const remedy = 'Make one with: openssl rand -base64 32.';
  return new InvalidCacheOptionsError(option, shown, expected, remedy);
}

/** What was given, but for whatever may be a secret. */
function withoutSecrets(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(masked);
  if (typeof given !== 'object' || given === null) return masked(given);
  return Object.fromEntries(
    Object.entries(given).map(([field, value]: [string, unknown]) => [
      field,
      field === 'tenant' ? value : masked(value),
    ]),
  );
}

/** An empty text is none, and often that of a variable that is not set: it is shown. */
function masked(value: unknown): unknown {
  return value === '' || value === undefined ? value : UNSEEN;
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
