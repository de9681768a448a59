import { failureKind, failureReason } from '../connection/failure-kind.js';
import { figuresOf } from '../connection/redis-figures.js';
import { readApps, type AppFlags } from './app-metrics.js';
import { AwayError, UsageError } from './command.error.js';
import type { CommandContext, CommandRun } from './context.js';
import { EXIT } from './exit-codes.js';
import { durationOf, wholeNumberOf } from './flag-values.js';
import { infoOf } from './servers.js';
import { latencyOf } from './latency.js';
import { LiveScreen } from './live-screen.js';
import { monitorView } from './monitor.view.js';
import type { MonitorReport } from './monitor.report.js';
import { ratesBetween } from './rates.js';
import type { Sighting } from './sighting.js';
import type { Session } from './session.js';

export interface MonitorFlags extends AppFlags {
  readonly interval: string;
  readonly count: string;
}

const SHORTEST_INTERVAL_MS = 100;
const PINGS = 5;

export const monitor: CommandRun<MonitorFlags> = async (context, flags) => {
  const intervalMs = durationOf(flags.interval, '--interval');
  const looks = wholeNumberOf(flags.count, '--count', 0);
  if (intervalMs < SHORTEST_INTERVAL_MS) {
    throw new UsageError(`--interval is '${flags.interval}'; expected 100ms or more.`);
  }
  const over = new AbortController();
  const stop = context.terminal.onInterrupt(() => over.abort());
  const show = shownBy(context, intervalMs);
  try {
    await context.withSession((session) =>
      watch(session, { flags, intervalMs, looks, show: show.report, over: over.signal }),
    );
  } finally {
    show.end();
    stop();
  }
  return EXIT.ok;
};

interface Watching {
  readonly flags: AppFlags;
  readonly intervalMs: number;
  readonly looks: number;
  readonly show: (report: MonitorReport) => void;
  readonly over: AbortSignal;
}

async function watch(
  session: Session,
  { flags, intervalMs, looks, show, over }: Watching,
): Promise<void> {
  let last: Sighting | undefined;
  const isOver = () => over.aborted;
  for (let n = 1; !isOver(); n += 1) {
    const beganMs = session.clock.nowMs();
    const { seen, problem } = await lookAround(session, flags, last);
    const rates = last && !problem ? ratesBetween(last, seen) : null;
    const at = new Date(seen.atMs).toISOString();
    if (!isOver()) show({ redis: session.target.name, at, ...seen, rates, problem });
    last = seen;
    if (n === looks) return;
    await pause(intervalMs - (session.clock.nowMs() - beganMs), over);
  }
}

/** A look that fails does not end it: an outage is what somebody may be watching. */
async function lookAround(
  session: Session,
  flags: AppFlags,
  last: Sighting | undefined,
): Promise<{ seen: Sighting; problem: string | null }> {
  try {
    return { seen: await look(session, flags), problem: null };
  } catch (error) {
    const problem = problemOf(error, session);
    if (!last || problem === undefined) throw error;
    return { seen: last, problem };
  }
}

function problemOf(error: unknown, { connection: { state } }: Session): string | undefined {
  if (error instanceof AwayError) return error.message;
  if (failureKind(error) === 'refused') return undefined;
  return `Redis is away: ${state.kind === 'suspended' ? state.reason : failureReason(error)}`;
}

async function look(session: Session, flags: AppFlags): Promise<Sighting> {
  const [servers, applications] = await Promise.all([
    infoOf(session),
    flags.from ? readApps(flags, session.target.timeoutMs) : null,
  ]);
  const atMs = session.clock.nowMs();
  const latency = await latencyOf(session, PINGS);
  return { atMs, figures: servers.length > 0 ? figuresOf(servers) : null, latency, applications };
}

/** On a terminal over what was shown before, elsewhere below it; to programs one line each. */
function shownBy(
  { terminal, printer }: CommandContext,
  intervalMs: number,
): { report: (report: MonitorReport) => void; end: () => void } {
  if (printer.json) {
    return {
      report: (report) => terminal.stdout.write(`${JSON.stringify(report)}\n`),
      end: () => undefined,
    };
  }
  if (terminal.stdout.isTTY !== true) {
    return {
      report: (report) => printer.lines([...monitorView(report, printer.look, intervalMs), '']),
      end: () => undefined,
    };
  }
  const screen = new LiveScreen(terminal.stdout);
  return {
    report: (report) => screen.show(() => monitorView(report, printer.look, intervalMs)),
    end: () => screen.close(),
  };
}

/** Resolves after `ms`, or when it is over. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, ms));
    over.addEventListener('abort', end);
    if (over.aborted) end();
  });
}
