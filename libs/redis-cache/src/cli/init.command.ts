import { writeChanges } from '../project/file-change.js';
import { readProject, type NestProject } from '../project/nest-project.js';
import { ProjectError } from '../project/project.error.js';
import { planSetup, shownPath, type SetupPlan } from '../project/setup-plan.js';
import { unifiedDiff } from '../project/unified-diff.js';
import { CommandError, UsageError } from './command.error.js';
import type { CommandRun } from './context.js';
import { EXIT } from './exit-codes.js';
import type { InitReport } from './init.report.js';
import { diffView, initView } from './init.view.js';
import { neededPackages, type NeededPackages } from './needed-packages.js';
import { ownManifest } from './own-manifest.js';
import { runInstaller } from './run-installer.js';

export interface InitFlags {
  readonly module?: string;
  readonly project?: string;
  readonly dryRun?: boolean;
  readonly install?: boolean;
}

const BY_HAND = [
  `import { RedisCacheModule } from 'nestjs-redis-cache';`,
  `RedisCacheModule.forRoot({`,
  `  connection: { url: process.env.REDIS_URL ?? 'redis://localhost:6379' },`,
  `}), // in the imports of the module`,
];

/** Adds the cache to a project. All is worked out first: what cannot be done leaves it as it is. */
export const init: CommandRun<InitFlags> = async ({ terminal, printer }, flags) => {
  const { project, plan } = await planned(terminal.cwd, flags);
  if (plan.kind === 'refused') throw refusal(project, plan);
  const needed = await neededPackages(project.folder, ownManifest());
  const install = flags.install === true && flags.dryRun !== true ? needed.command : undefined;
  if (install) await runInstaller(install, project.folder, terminal);
  if (flags.dryRun !== true) await writeChanges(plan.changes);

  const missing = install ? { names: [], command: undefined } : needed;
  const report = reportOf(project, plan, missing, flags.dryRun !== true);
  if (report.written || report.files.length === 0) {
    printer.report(report, initView);
    return EXIT.ok;
  }
  printer.report(report, diffView);
  for (const { path, what, diff } of report.files) {
    if (diff === null) printer.note(`${path} is not shown, for its secrets. It then ${what}.`);
  }
  if (report.install !== null) printer.note(`Packages are missing: ${report.install}`);
  printer.note('Nothing was written.');
  return EXIT.ok;
};

async function planned(
  folder: string,
  { module, project: name }: InitFlags,
): Promise<{ project: NestProject; plan: SetupPlan }> {
  try {
    const choice = { ...(module && { module }), ...(name !== undefined && { project: name }) };
    const project = await readProject(folder, choice);
    return { project, plan: await planSetup(project) };
  } catch (error) {
    if (error instanceof ProjectError) throw new UsageError(error.message);
    throw error;
  }
}

function refusal(project: NestProject, plan: SetupPlan & { kind: 'refused' }): CommandError {
  const path = shownPath(project, plan.module);
  return new CommandError(
    [
      `${path} is not edited: ${plan.reason}. Nothing was changed. Add these lines to it yourself:`,
      ``,
      ...BY_HAND.map((line) => `  ${line}`),
    ].join('\n'),
  );
}

function reportOf(
  project: NestProject,
  { module, changes }: SetupPlan & { kind: 'planned' },
  { names, command }: NeededPackages,
  written: boolean,
): InitReport {
  const files = changes.map(({ path: absolute, before, after, what, isSecret }) => {
    const path = shownPath(project, absolute);
    const lines = unifiedDiff(path, before, after).map((line) => `${line}\n`);
    const diff = isSecret ? null : lines.join('');
    return { path, change: before === undefined ? 'made' : 'edited', what, diff } as const;
  });
  const install = command?.join(' ') ?? null;
  return { module: shownPath(project, module), written, files, missing: names, install };
}
