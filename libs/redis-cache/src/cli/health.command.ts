import type { InfoReply } from '../connection/info-reply.js';
import { figuresOf } from '../connection/redis-figures.js';
import { serverOf } from '../connection/server-info.js';
import { AwayError } from './command.error.js';
import type { CommandRun } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { healthView } from './health.view.js';
import type { HealthReport } from './health.report.js';
import { latencyOf } from './latency.js';
import { infoOf } from './servers.js';
import type { Session } from './session.js';

export type HealthFlags = object;

const PINGS = 10;

const EXIT_CODES: Readonly<Record<HealthReport['status'], ExitCode>> = {
  ok: EXIT.ok,
  unwell: EXIT.unwell,
  away: EXIT.away,
};

export const health: CommandRun<HealthFlags> = async ({ target, withSession, printer }) => {
  let report: HealthReport;
  try {
    report = await withSession(healthOf);
  } catch (error) {
    if (!(error instanceof AwayError)) throw error;
    report = { status: 'away', redis: target.name, reason: error.reason };
  }
  printer.report(report, healthView);
  return EXIT_CODES[report.status];
};

async function healthOf(session: Session): Promise<HealthReport> {
  const { target, connectMs } = session;
  const latency = await latencyOf(session, PINGS);
  const servers = await infoOf(session);
  const [first] = servers;
  const server = first && serverOf(first);
  const problems = servers.flatMap(problemsOf);
  return {
    status: problems.length > 0 ? 'unwell' : 'ok',
    redis: target.name,
    problems,
    server: server ? `${server.name} ${server.version}` : null,
    connectMs,
    latency,
    figures: first ? figuresOf(servers) : null,
  };
}

/** Nearly full: what is written next may be refused. */
const FULL = 0.95;

/** What a server says of itself that has to be put right. */
function problemsOf(info: InfoReply): string[] {
  const [used, limit] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  const full = limit > 0 && used >= FULL * limit && info.get('maxmemory_policy') === 'noeviction';
  return [
    full && 'Memory is full and the policy is noeviction: writes are refused.',
    info.get('rdb_last_bgsave_status') === 'err' &&
      'The last snapshot could not be written: Redis may refuse writes until one is.',
    info.get('aof_last_write_status') === 'err' &&
      'The append-only file cannot be written: Redis refuses writes.',
  ].filter((problem) => typeof problem === 'string');
}
