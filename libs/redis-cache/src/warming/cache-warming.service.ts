import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { WarmOutcome, WarmProgress } from '../cache/warm-progress.js';
import { knownFields } from '../config/option-checks.js';
import { CACHE_RUNTIME, WARMING_OPTIONS } from '../constants/injection.tokens.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { withDeadline } from '../resilience/deadline.js';
import { BootWarming } from './boot-warming.js';
import { CacheWarmerExplorer } from './cache-warmer.explorer.js';
import { ConnectionWait } from './connection-wait.js';
import { logWarming } from './warming.log.js';
import { Warmers, type WarmingSettings } from './warmers.js';

/** When warmers run: the boot waits for them, or they run behind it. */
export type WarmMode = 'blocking' | 'background';

/** What the module's options say of warming. */
export interface ResolvedWarming extends WarmingSettings {
  /** False runs none at boot. */
  readonly mode: WarmMode | false;
  /** How long the boot waits at most. */
  readonly timeoutMs: number;
  /** How long closing waits for steps that do not end. */
  readonly closeTimeoutMs: number;
}

/** What {@link CacheWarmingService.warm} may be told. */
export interface WarmOptions {
  /** Names of warmers. @default all */
  only?: readonly string[];
  /** Called as warmers come further; the event `warming` tells the same. @default none */
  onProgress?: (progress: WarmProgress) => void;
}

/** What warming came to. */
export interface WarmReport {
  /** How each warmer ended. */
  readonly warmers: readonly WarmProgress[];
  /** How many ended which way. */
  readonly counts: Readonly<Record<WarmOutcome, number>>;
  readonly durationMs: number;
}

/** Runs the application's warmers: by itself at boot, as `warm` of the module says, and on demand. */
@Injectable()
export class CacheWarmingService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly connection: ConnectionWait;
  private warmers: Warmers;
  private boot: BootWarming | undefined;

  /** @internal Made by Nest. */
  constructor(
    private readonly explorer: CacheWarmerExplorer,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(WARMING_OPTIONS) private readonly options: ResolvedWarming,
  ) {
    this.connection = new ConnectionWait(runtime.events, () => runtime.connection);
    this.warmers = this.of(new Map());
    logWarming(runtime.events, new Logger('RedisCache'));
  }

  /** Names of all warmers, in the order that Nest knows them. */
  get names(): readonly string[] {
    return this.warmers.names;
  }

  /**
   * Runs warmers now, also those that ran lately; what is warm already takes hardly any time. One that
   * is running here is joined, one that another process is at is left. Waits for a Redis that is
   * being connected to; with one that is away nothing is warmed.
   *
   * @throws {InvalidCacheOptionsError} `only` names a warmer that there is not
   */
  async warm(options: WarmOptions = {}): Promise<WarmReport> {
    knownFields(options, 'options of warm', ['only', 'onProgress']);
    const { only = this.names, onProgress = () => undefined } = options;
    for (const name of only) this.assertKnown(name);
    const { clock, events } = this.runtime;
    const beganMs = clock.nowMs();
    await this.connection.judged();
    const stop = events.on('warming', (progress) =>
      only.includes(progress.warmer) ? onProgress(progress) : undefined,
    );
    try {
      const warmers = await Promise.all(
        [...new Set(only)].map((name) => this.warmers.warm(name, false)),
      );
      return { warmers, counts: countsOf(warmers), durationMs: clock.nowMs() - beganMs };
    } finally {
      stop();
    }
  }

  /** @throws {InvalidDecoratorError} a warmer cannot be used */
  onModuleInit(): void {
    this.warmers = this.of(this.explorer.find());
  }

  async onApplicationBootstrap(): Promise<void> {
    const { mode, timeoutMs, leaseMs } = this.options;
    if (mode === false || this.names.length === 0) return;
    const { runtime, warmers, connection } = this;
    const { clock } = runtime;
    this.boot = new BootWarming({ warmers, connection, clock, random: Math.random, leaseMs });
    const first = this.boot.begin();
    if (mode === 'background') return;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.schedule(timeoutMs, resolve, { background: true });
    });
    // Whatever is not done by then goes on in the background.
    await Promise.race([first, late, connection.away()]);
    cancel();
  }

  /** Early, as what warmers use ends later, as a rule. */
  async onModuleDestroy(): Promise<void> {
    this.boot?.end();
    const { clock } = this.runtime;
    await withDeadline(this.warmers.stop(), this.options.closeTimeoutMs, clock).catch(goOn);
  }

  private of(found: ConstructorParameters<typeof Warmers>[0]): Warmers {
    const { clock, events, soleWork } = this.runtime;
    return new Warmers(found, { clock, events, soleWork, settings: this.options });
  }

  private assertKnown(name: string): void {
    if (this.names.includes(name)) return;
    const names = this.names.join(', ');
    throw new InvalidCacheOptionsError(
      'only of warm',
      name,
      names === '' ? 'nothing, as there are no warmers' : `one of ${names}`,
      `Mark a provider by @CacheWarmer(), or correct the name.`,
    );
  }
}

function countsOf(warmers: readonly WarmProgress[]): Record<WarmOutcome, number> {
  const counts: Record<WarmOutcome, number> = {
    warmed: 0,
    failed: 0,
    elsewhere: 0,
    recent: 0,
    away: 0,
    lost: 0,
    stopped: 0,
  };
  for (const { state } of warmers) if (state !== 'running') counts[state] += 1;
  return counts;
}

/** What takes too long goes on by itself. */
function goOn(): void {
  return undefined;
}
