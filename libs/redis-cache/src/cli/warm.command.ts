import type { WarmOutcome, WarmProgress } from '../cache/warm-progress.js';
import { failureReason } from '../connection/failure-kind.js';
import type { CacheWarmingService } from '../warming/cache-warming.service.js';
import { CommandError, UsageError } from './command.error.js';
import type { CommandContext, CommandRun } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { startApplication, type NestApplication } from './nest-application.js';
import { progressOf, type Progress } from './progress.js';
import type { WarmCommandReport, WarmerReport } from './warm.report.js';
import { warmView } from './warm.view.js';

export interface WarmFlags {
  readonly app: string;
  readonly only?: readonly string[];
}

/** What is left cold, and would be warm if all had gone well. */
const FAILURES: readonly WarmOutcome[] = ['failed', 'lost', 'stopped'];

/** Runs the warmers of an application, as it would at its boot. */
export const warm: CommandRun<WarmFlags> = async (context, { app, only }) => {
  const { terminal, printer } = context;
  const application = await started(app, context);
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= application.context.close());
  const stop = terminal.onInterrupt(() => {
    // What is running ends as stopped, and says so below. How closing ends, is waited for there, too.
    void close().catch(() => undefined);
  });
  const progress = progressOf(context);
  try {
    const warming = warmingOf(application, app);
    const report = await warming.warm({ ...(only && { only }), onProgress: shownBy(progress) });
    progress.end();
    const warmers = report.warmers.map(warmerReport);
    const found: WarmCommandReport = { app, durationMs: report.durationMs, warmers };
    printer.report(found, warmView);
    return exitCodeOf(warmers);
  } finally {
    stop();
    await close();
  }
};

async function started(app: string, { terminal }: CommandContext): Promise<NestApplication> {
  try {
    return await startApplication(app, terminal.stderr);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CommandError(`The application of --app does not start: ${failureReason(error)}`);
  }
}

function warmingOf({ context, library }: NestApplication, app: string): CacheWarmingService {
  const { CacheWarmingService: token } = library as {
    CacheWarmingService: typeof CacheWarmingService;
  };
  let warming: CacheWarmingService;
  try {
    warming = context.get(token, { strict: false });
  } catch {
    throw new UsageError(`--app is '${app}', which does not import RedisCacheModule.`);
  }
  if (warming.names.length > 0) return warming;
  throw new UsageError(
    `--app is '${app}', which has no warmers. Provide a class with @CacheWarmer().`,
  );
}

/** One bar for all of them, as far as they have said how many steps they have. */
function shownBy(progress: Progress): (told: WarmProgress) => void {
  const latest = new Map<string, WarmProgress>();
  return (told) => {
    latest.set(told.warmer, told);
    const all = [...latest.values()];
    const sum = (of: (one: WarmProgress) => number) => all.reduce((n, one) => n + of(one), 0);
    const failed = sum((one) => one.failed);
    const over = failed + sum((one) => one.done);
    const text = `steps, ${failed} failed: ${told.warmer}`;
    if (all.every(({ total }) => total !== undefined)) {
      progress.bar(
        over,
        Math.max(
          over,
          sum(({ total = 0 }) => total),
        ),
        text,
      );
    } else {
      progress.show(`${over} ${text}`);
    }
  };
}

function warmerReport(told: WarmProgress): WarmerReport {
  const { warmer, state, done, failed, error, durationMs } = told;
  return {
    warmer,
    outcome: state as WarmOutcome,
    done,
    failed,
    error: error === undefined ? null : failureReason(error),
    durationMs,
  };
}

function exitCodeOf(warmers: readonly WarmerReport[]): ExitCode {
  if (warmers.some(({ outcome }) => outcome === 'away')) return EXIT.away;
  const incomplete = warmers.some(
    ({ outcome, failed }) => FAILURES.includes(outcome) || failed > 0,
  );
  return incomplete ? EXIT.failed : EXIT.ok;
}
