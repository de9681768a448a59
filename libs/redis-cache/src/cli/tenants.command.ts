import type { CommandRun } from './context.js';
import { EXIT } from './exit-codes.js';
import { wholeNumberOf } from './flag-values.js';
import { byEntries, surveyKeys, type Survey } from './keyspace-survey.js';
import { lookingThrough } from './progress.js';
import type { TenantsReport } from './tenants.report.js';
import { tenantsView } from './tenants.view.js';

export interface TenantsFlags {
  readonly top: string;
  readonly maxKeys: string;
}

export const tenants: CommandRun<TenantsFlags> = async (context, flags) => {
  const top = wholeNumberOf(flags.top, '--top', 1);
  const maxKeys = wholeNumberOf(flags.maxKeys, '--max-keys', 0);
  const report = await context.withSession(async (session) => {
    const survey = await lookingThrough(context, maxKeys, (bounds) => surveyKeys(session, bounds));
    return reportOf(session.target.prefix, survey, top);
  });
  context.printer.report(report, tenantsView);
  return EXIT.ok;
};

function reportOf(prefix: string, survey: Survey, top: number): TenantsReport {
  const { complete, lookedAt, total } = survey;
  const all = byEntries(survey.tenants);
  return {
    prefix,
    complete,
    lookedAt,
    count: all.length,
    entries: total.entries,
    tenants: all.slice(0, top),
  };
}
