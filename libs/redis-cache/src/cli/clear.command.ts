import { PatternSweep } from '../cache/pattern-sweep.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySelection } from '../keys/key-selection.js';
import { newStampId } from '../stores/new-stamp-id.js';
import { clearTargetOf, type ClearTarget, type TargetFlags } from './clear-target.js';
import { askingView, clearedView } from './clear.view.js';
import { CommandError, UsageError } from './command.error.js';
import { confirmed } from './confirmation.js';
import type { CommandContext, CommandRun } from './context.js';
import { countEntries, type FoundEntries } from './entry-count.js';
import { EXIT } from './exit-codes.js';
import { wholeNumberOf } from './flag-values.js';
import { count } from './figures.js';
import { lookingThrough, progressOf } from './progress.js';
import type { Session } from './session.js';

export interface ClearFlags extends TargetFlags {
  readonly maxKeys: string;
  readonly yes?: boolean;
}

/**
 * Evicts as the library does: the same scripts, stamps and messages, so that every process that is
 * running stops to serve what it has of it.
 */
export const clear: CommandRun<ClearFlags> = async (context, flags) => {
  const maxKeys = wholeNumberOf(flags.maxKeys, '--max-keys', 0);
  const { stdin, stderr } = context.terminal;
  if (!flags.yes && (stdin.isTTY !== true || stderr.isTTY !== true)) {
    throw new UsageError('There is no terminal to ask at. Say --yes to clear without being asked.');
  }
  const report = await context.withSession(async (session) => {
    const target = await clearTargetOf(session, flags);
    const found = await lookingThrough(context, maxKeys, (bounds) =>
      countEntries(session, target, bounds),
    );
    if (!flags.yes) await ask(context, target, found);
    const deleted = await clearIn(session, target, context);
    return { kind: target.kind, what: target.name, found, deleted };
  });
  context.printer.report(report, clearedView);
  return EXIT.ok;
};

async function ask(
  { terminal, printer }: CommandContext,
  target: ClearTarget,
  found: FoundEntries,
): Promise<void> {
  const question = askingView(target, found, printer.look);
  if (await confirmed(terminal, question)) return;
  throw new CommandError('Nothing was cleared.');
}

async function clearIn(
  session: Session,
  target: ClearTarget,
  context: CommandContext,
): Promise<number | null> {
  const { far, keys } = session;
  // It cannot reach a persistent store. Who can, has it take what stands there before looking into it.
  await far.owe(namesOf(session, target));
  switch (target.kind) {
    case 'entry': {
      const gone = await Promise.all(target.entries.map(({ redisKey }) => far.evict(redisKey)));
      return gone.filter(Boolean).length;
    }
    case 'pattern':
      return sweep(session, target.pattern, target.pattern.entries, context);
    case 'tag':
    case 'cache':
    case 'tenant':
    case 'everything':
      await renew(session, target);
      return null;
    case 'erasure':
      // First, so that nothing from before is served or stored, whatever comes of the rest.
      await renew(session, target);
      return sweep(
        session,
        keys.pattern(target.tenant, '*'),
        keys.tenantKeys(target.tenant),
        context,
      );
  }
}

/** By what a persistent store is to be told. */
function namesOf({ keys }: Session, target: ClearTarget): string[] {
  switch (target.kind) {
    case 'entry':
      return target.entries.map(({ redisKey }) => redisKey);
    case 'pattern':
      return [target.owner === undefined ? keys.globalStamp() : keys.tenantStamp(target.owner)];
    case 'tag':
    case 'cache':
    case 'tenant':
    case 'everything':
    case 'erasure':
      return target.stamps.map(({ key }) => key);
  }
}

async function renew(
  { far }: Session,
  { stamps }: Extract<ClearTarget, { readonly stamps: unknown }>,
): Promise<void> {
  await Promise.all(stamps.map(({ key }) => far.renewStamp(key, newStampId())));
}

/** @returns how many keys were deleted, leases not counted */
async function sweep(
  { far }: Session,
  pattern: KeyPattern,
  rest: KeySelection,
  context: CommandContext,
): Promise<number> {
  const progress = progressOf(context);
  let leases = 0;
  let all = 0;
  // This process keeps nothing that could be forgotten.
  const walk = new PatternSweep({ forget: () => 0 });
  await walk.run(far, pattern, rest, (step, { node, nodes, deleted }) => {
    all = deleted;
    if (step === 'leases') leases = deleted;
    progress.bar(node, nodes, `servers, ${count(deleted)} keys deleted`);
  });
  progress.end();
  return all - leases;
}
