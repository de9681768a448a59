import {
  HttpStatus,
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { CacheAlertsService } from '../alerts/cache-alerts.service.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { CacheStatistics } from '../cache/cache-statistics.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import type { Clock } from '../resilience/clock.js';
import { figuresOfTenant } from './admin-figures.js';
import { AdminProblemException } from './admin-problem.js';
import type { AdminEvent, AdminHealth, AdminPrincipal, StreamFigures } from './admin.contract.js';
import { ADMIN_CLOCK, ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';
import { EventRecorder } from './event-recorder.js';
import { HealthReport } from './health-report.js';
import { StreamListener, type StreamSink } from './stream-listener.js';

/** Events of a moment go out together. */
const GATHER_MS = 200;
/** These go out at once, with the figures as they are by then. */
const URGENT: readonly AdminEvent['type'][] = ['state', 'alert'];
/** At most so many events at a time; of more, the latest. */
const MAX_TOLD = 100;
/** How often a listener hears something, whatever happens: silence is how it knows of an outage. */
export const ALIVE_MS = 1_000;
/** How soon a listener that was cut off comes again. */
const RETRY_MS = 2_000;

/** Sends events and figures to all who listen. With nobody there it does nothing. */
@Injectable()
export class StreamHub implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Set<StreamListener>();
  private stopListening: () => void = () => undefined;
  private cancelTick: (() => void) | undefined;
  private cancelGather: (() => void) | undefined;
  private cancelBeat: (() => void) | undefined;
  private closed = false;

  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    @Inject(EventRecorder) private readonly recorder: EventRecorder,
    @Inject(HealthReport) private readonly healthReport: HealthReport,
    @Inject(ADMIN_CLOCK) private readonly clock: Clock,
    @Inject(CacheAlertsService) private readonly alerts: Pick<CacheAlertsService, 'active'>,
  ) {}

  get use(): AdminHealth['stream'] {
    return { listeners: this.listeners.size, maxListeners: this.options.stream.maxListeners };
  }

  onModuleInit(): void {
    this.stopListening = this.recorder.log.onNoted((event) => this.noted(event));
  }

  /** Before the server waits for its connections to end, which these would not. */
  onModuleDestroy(): void {
    this.closed = true;
    this.stopListening();
    for (const listener of [...this.listeners]) this.finish(listener);
  }

  /** @throws {AdminProblemException} enough listen already, or the application is closing */
  assertRoom(): void {
    const { TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE } = HttpStatus;
    if (this.closed) throw new AdminProblemException(SERVICE_UNAVAILABLE, 'It is closing');
    const { maxListeners } = this.options.stream;
    if (this.listeners.size < maxListeners) return;
    throw new AdminProblemException(TOO_MANY_REQUESTS, `${maxListeners} listen already`);
  }

  /** @param after id of the event that it has seen last */
  open(sink: StreamSink, principal: AdminPrincipal, after: number): void {
    const nowMs = this.clock.nowMs();
    const listener = new StreamListener(principal, sink, after, nowMs);
    this.listeners.add(listener);
    listener.listen(
      () => this.tellEvents(listener),
      () => this.forget(listener),
    );
    listener.write(`retry: ${RETRY_MS}\n\n`, nowMs);
    this.tellFigures([listener]);
    this.tellEvents(listener);
    this.cancelTick ??= this.scheduleTick();
    this.cancelBeat ??= this.scheduleBeat();
  }

  private scheduleTick(): () => void {
    return this.clock.schedule(this.options.stream.intervalMs, () => this.tick(), {
      background: true,
    });
  }

  private scheduleBeat(): () => void {
    return this.clock.schedule(ALIVE_MS, () => this.beat(), { background: true });
  }

  private beat(): void {
    const nowMs = this.clock.nowMs();
    for (const listener of this.listeners) if (!listener.full) listener.write(':\n\n', nowMs);
    this.cancelBeat = this.listeners.size > 0 ? this.scheduleBeat() : undefined;
  }

  private tick(): void {
    const nowMs = this.clock.nowMs();
    const { slowAfterMs, maxAgeMs } = this.options.stream;
    for (const listener of [...this.listeners]) {
      const isSlow = listener.full && listener.fullForMs(nowMs) >= slowAfterMs;
      if (isSlow || nowMs - listener.openedAtMs >= maxAgeMs) this.finish(listener);
    }
    this.tellFigures([...this.listeners]);
    this.cancelTick = this.listeners.size > 0 ? this.scheduleTick() : undefined;
  }

  private noted({ type }: AdminEvent): void {
    if (this.listeners.size === 0) return;
    const isUrgent = URGENT.includes(type);
    const delayMs = isUrgent ? 0 : GATHER_MS;
    if (isUrgent) this.cancelGather?.();
    else if (this.cancelGather) return;
    this.cancelGather = this.clock.schedule(delayMs, () => this.gathered(type), {
      background: true,
    });
  }

  private gathered(last: AdminEvent['type']): void {
    this.cancelGather = undefined;
    for (const listener of [...this.listeners]) this.tellEvents(listener);
    if (URGENT.includes(last)) this.tellFigures([...this.listeners]);
  }

  private tellEvents(listener: StreamListener): void {
    if (listener.full) return;
    const { log } = this.recorder;
    const { last } = log;
    const events = log.since(listener.seen, listener.principal, MAX_TOLD);
    listener.tellEvents(events, last, this.clock.nowMs());
  }

  /** Those of operators are the same, and made once. */
  private tellFigures(listeners: readonly StreamListener[]): void {
    const ready = listeners.filter((listener) => !listener.full);
    if (ready.length === 0) return;
    const lastMinute = this.runtime.statistics.report('1m');
    let ofOperators: string | undefined;
    for (const listener of ready) {
      const { principal } = listener;
      const json =
        principal.kind === 'tenant'
          ? JSON.stringify(figuresOfTenant(principal.tenant, lastMinute))
          : (ofOperators ??= JSON.stringify(this.figures(lastMinute)));
      listener.tellFigures(json, this.clock.nowMs());
    }
  }

  private figures(lastMinute: CacheStatistics): StreamFigures {
    const {
      latency: _latency,
      near: _near,
      ...counters
    } = this.runtime.statistics.report('start').total;
    const health = this.healthReport.of(lastMinute, this.use);
    return { principal: 'operator', health, counters, lastMinute, alerts: this.alerts.active };
  }

  private finish(listener: StreamListener): void {
    listener.end();
    this.forget(listener);
  }

  private forget(listener: StreamListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    this.cancelTick?.();
    this.cancelGather?.();
    this.cancelBeat?.();
    this.cancelTick = undefined;
    this.cancelGather = undefined;
    this.cancelBeat = undefined;
  }
}
