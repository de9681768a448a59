import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { CacheTracing, FarWork } from '../cache/cache-tracing.js';
import type { EntryRef } from '../cache/entry-ref.js';
import { flag, knownFields } from '../config/option-checks.js';

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Makes the spans. @default the one that is registered globally, also if that is later */
  tracerProvider?: TracerProvider;
  /** Puts the tenant's id into the spans, as `cache.tenant`. @default false */
  tenants?: boolean;
  /** Puts Redis keys into the spans, as `cache.key`: they hold tenants and arguments. @default false */
  keys?: boolean;
}

const LIBRARY = 'nestjs-redis-cache';
const FIELDS = ['tracerProvider', 'tenants', 'keys'] satisfies (keyof OpenTelemetryOptions)[];

/**
 * Spans for work with Redis and for loads, for the module's option `tracing`. It uses the API of
 * OpenTelemetry alone: without an SDK there are none.
 *
 * A load's span belongs to the call that began the load, and what the load does belongs to its span;
 * of that call the load knows nothing else, no baggage say.
 *
 * @throws {InvalidCacheOptionsError} an option is unknown or invalid
 * @example RedisCacheModule.forRoot({ tracing: openTelemetry() })
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): CacheTracing {
  knownFields(options, 'options of openTelemetry', FIELDS);
  const { tracerProvider = trace, tenants = false, keys = false } = options;
  flag(tenants, 'tenants of openTelemetry');
  flag(keys, 'keys of openTelemetry');
  return new OpenTelemetryTracing(tracerProvider.getTracer(LIBRARY), { tenants, keys });
}

class OpenTelemetryTracing implements CacheTracing {
  constructor(
    private readonly tracer: Tracer,
    private readonly shown: { readonly tenants: boolean; readonly keys: boolean },
  ) {}

  far<T>(work: FarWork, run: () => Promise<T>): Promise<T> {
    const { operation } = work;
    const span = this.tracer.startSpan(`${LIBRARY} ${operation}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'redis',
        'cache.operation': operation,
        ...this.attributesOf(work),
      },
    });
    const inSpan = trace.setSpan(context.active(), span);
    return ending(span, async () => {
      const answer = await context.with(inSpan, run);
      const outcome = outcomeOf(operation, answer);
      if (outcome !== undefined) span.setAttribute('cache.outcome', outcome);
      return answer;
    });
  }

  load<T>(entry: EntryRef, run: (enter: <R>(fn: () => R) => R) => T | Promise<T>): Promise<T> {
    const span = this.tracer.startSpan(`${LIBRARY} load`, {
      attributes: { 'cache.operation': 'load', ...this.attributesOf(entry) },
    });
    const inSpan = trace.setSpan(ROOT_CONTEXT, span);
    return ending(span, () => run((fn) => context.with(inSpan, fn)));
  }

  carry(): <R>(fn: () => R) => R {
    const span = trace.getSpan(context.active());
    const inSpan = span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
    return (fn) => context.with(inSpan, fn);
  }

  private attributesOf({
    cache,
    tenant,
    redisKey,
  }: Pick<FarWork, 'cache' | 'tenant' | 'redisKey'>): Attributes {
    return {
      ...(cache === undefined ? {} : { 'cache.name': cache }),
      ...(this.shown.tenants && tenant !== null ? { 'cache.tenant': tenant } : {}),
      ...(this.shown.keys ? { 'cache.key': redisKey } : {}),
    };
  }
}

/** Ends a span with the work. What an error says may hold data of users; only its kind is told. */
async function ending<T>(span: Span, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** What came of work with Redis where that is one of several things: `absent`, `lease`, `stored`, `refused`… */
function outcomeOf(operation: string, answer: unknown): string | undefined {
  if (operation === 'fill') return answer === true ? 'filled' : 'refused';
  if (operation === 'store') return answer === true ? 'stored' : 'refused';
  if (typeof answer !== 'object' || answer === null || !('kind' in answer)) return undefined;
  return typeof answer.kind === 'string' ? answer.kind : undefined;
}
