import { figuresOf } from '../connection/redis-figures.js';
import { hitRateOf, readApps, type AppFlags } from './app-metrics.js';
import type { CommandRun } from './context.js';
import { EXIT } from './exit-codes.js';
import { wholeNumberOf } from './flag-values.js';
import { infoOf } from './servers.js';
import { byEntries, surveyKeys } from './keyspace-survey.js';
import { lookingThrough } from './progress.js';
import type { StatsReport } from './stats.report.js';
import { statsView } from './stats.view.js';

export interface StatsFlags extends AppFlags {
  readonly maxKeys: string;
}

export const stats: CommandRun<StatsFlags> = async (context, flags) => {
  const maxKeys = wholeNumberOf(flags.maxKeys, '--max-keys', 0);
  const { target, printer } = context;
  const applications = flags.from ? await applicationsOf(flags, target.timeoutMs) : null;
  const report = await context.withSession(async (session): Promise<StatsReport> => {
    const servers = await infoOf(session);
    const survey = await lookingThrough(context, maxKeys, (bounds) => surveyKeys(session, bounds));
    const { total, complete, lookedAt, leases, stamps, tenants } = survey;
    const caches = byEntries(survey.caches);
    return {
      redis: target.name,
      prefix: target.prefix,
      figures: servers.length > 0 ? figuresOf(servers) : null,
      keyspace: { ...total, complete, lookedAt, leases, stamps, tenants: tenants.size, caches },
      applications,
    };
  });
  printer.report(report, statsView);
  return EXIT.ok;
};

async function applicationsOf(
  flags: AppFlags,
  timeoutMs: number,
): Promise<StatsReport['applications']> {
  const { processes, caches } = await readApps(flags, timeoutMs);
  return {
    processes,
    caches: caches.map((cache) => ({ ...cache, hitRate: hitRateOf(cache) ?? null })),
  };
}
