import { z } from 'zod';

/** Written out in `.env.example`; a start without the variable uses this one and says so. */
export const DEVELOPMENT_WEBHOOK_SECRET = 'development-webhook-secret';

/** The same, for whoever operates the app. */
export const DEVELOPMENT_OPERATOR_KEY = 'development-operator-key';

/** Likewise. */
const DEVELOPMENT_ALERT_SECRET = 'development-alert-secret';

/** An unset variable, and one set to nothing (`REDIS_URL=`), both mean "not given". */
const given = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** Every environment variable the app reads, with its default. `.env.example` describes each. */
export const environmentSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),

  DATABASE_URL: given(z.url({ protocol: /^postgres(ql)?$/ })),
  PGLITE_DIR: z.string().default('.data/postgres'),
  SEED: z.stringbool().default(true),

  REDIS_ENABLED: z.stringbool().default(true),
  REDIS_URL: given(z.url({ protocol: /^rediss?$/ })),
  REDIS_TIMEOUT: z.string().default('100ms'),
  CACHE_ENABLED: z.stringbool().default(true),
  CACHE_PREFIX: z.string().min(1).default('voice-agent'),
  CACHE_HISTORY_MODE: z.enum(['off', 'shadow', 'on']).default('on'),
  CACHE_HISTORY_PERCENT: given(z.coerce.number().min(0).max(100)),
  CACHE_HISTORY_TENANTS: z.string().default(''),
  CACHE_WARM: z.enum(['background', 'blocking', 'false']).default('background'),

  ALERTS_ENABLED: z.stringbool().default(true),
  ALERT_DISCONNECTED_AFTER: z.string().default('30s'),
  ALERT_WEBHOOK_URL: given(z.url({ protocol: /^https?$/ })),
  ALERT_WEBHOOK_SECRET: z.string().min(16).default(DEVELOPMENT_ALERT_SECRET),

  OPERATOR_KEY: z.string().min(16).default(DEVELOPMENT_OPERATOR_KEY),
  CACHE_WEBHOOK_SECRET: given(z.string().min(16)),
  ELEVENLABS_WEBHOOK_SECRET: z.string().min(16).default(DEVELOPMENT_WEBHOOK_SECRET),
  HEALTH_MAX_HEAP_MB: z.coerce.number().positive().default(512),
});

export type Environment = z.infer<typeof environmentSchema>;
