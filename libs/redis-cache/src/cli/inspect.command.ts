import type { EntryRef } from '../cache/entry-ref.js';
import { FarExplainer } from '../cache/far-explainer.js';
import { outlookOf } from '../cache/read-outlook.js';
import { NO_ROLLOUTS, parseDocument, type RolloutDocument } from '../rollout/rollout-document.js';
import { FIRST_EPOCH } from '../rollout/rollout-record.js';
import { modeFor } from '../rollout/rollout-state.js';
import type { CommandRun } from './context.js';
import { entriesOf, type EntryFlags } from './entry-flags.js';
import { EXIT } from './exit-codes.js';
import type { InspectReport } from './inspect.report.js';
import { inspectView } from './inspect.view.js';
import type { Session } from './session.js';
import { readable, storedValue } from './stored-value.js';

export interface InspectFlags extends EntryFlags {
  readonly value?: boolean;
}

export const inspect: CommandRun<InspectFlags> = async (context, flags) => {
  const report = await context.withSession((session) => look(session, flags));
  context.printer.report(report, inspectView);
  return EXIT.ok;
};

async function look(session: Session, flags: InspectFlags): Promise<InspectReport> {
  const refs = await entriesOf(session, flags);
  const rollouts = parseDocument(await session.far.readRollouts()) ?? NO_ROLLOUTS;
  const findings = await Promise.all(refs.map((ref) => lookAt(session, ref, rollouts)));
  // The newest that there is; where there is none, the newest that there could be.
  const there = findings.find(({ far }) => far.kind !== 'absent');
  const found = (there ?? findings[0]) as (typeof findings)[number];
  return {
    ...found,
    versionsInUse: refs.map(({ version }) => version),
    ...(flags.value && { value: await storedValue(session, found.entry.redisKey) }),
  };
}

async function lookAt(
  { far, keys }: Session,
  ref: EntryRef,
  rollouts: RolloutDocument,
): Promise<Pick<InspectReport, 'entry' | 'outlook' | 'far' | 'lease'>> {
  const rollout = rollouts.caches.get(ref.cache);
  const epochOf = () => rollout?.epoch ?? FIRST_EPOCH;
  const explainer = new FarExplainer({ far, keys }, { knownOne: () => undefined }, epochOf);
  const found = await explainer.explain(ref, readable);
  const leased = found.lease !== undefined;
  return {
    entry: ref,
    // Neither the memory of a process nor a persistent store can be seen from here.
    outlook: outlookOf({
      // Nor what the options of an application say.
      mode: rollout?.state ? modeFor(rollout.state, ref.tenant) : 'on',
      near: { kind: 'off' },
      far: found.far,
      persistent: undefined,
      leased,
      joinable: false,
    }),
    far: found.far,
    lease: found.lease ? { leftMs: found.lease.leftMs } : null,
  };
}
