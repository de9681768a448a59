import type { RolloutMode } from '../rollout/rollout-state.js';
import type {
  FarExplanation,
  MissReason,
  NearExplanation,
  PersistentExplanation,
  ReadOutlook,
} from './entry-explanation.js';

/** All that decides what a read comes to. */
interface ReadSituation {
  /** Whether the cache is used for the owner of the entry. */
  readonly mode: RolloutMode;
  readonly near: NearExplanation;
  readonly far: FarExplanation;
  readonly persistent: PersistentExplanation | undefined;
  /** Somebody has the lease. */
  readonly leased: boolean;
  /** There is a flight that calls may join. */
  readonly joinable: boolean;
}

/** What a call with a load would come to, in the order in which a read goes through it. */
export function outlookOf({
  mode,
  near,
  far,
  persistent,
  leased,
  joinable,
}: ReadSituation): ReadOutlook {
  if (mode !== 'on') return { kind: 'bypass', reason: mode };
  const answer = answerOf('near', near);
  if (answer) return answer;
  if (joinable) return { kind: 'join' };
  const reason = missReason(near, far);
  // Neither of these asks for a lease.
  const asks = reason !== 'away' && reason !== 'newer';
  const waits = leased && asks;
  const found = answerOf('far', far);
  if (found) return found;
  if (persistent?.kind === 'entry' && !waits && reason !== 'newer') {
    return { kind: 'hit', tier: 'persistent', refreshes: false };
  }
  return { kind: 'miss', reason, then: waits ? 'wait' : 'load' };
}

function answerOf(
  tier: 'near' | 'far',
  found: NearExplanation | FarExplanation,
): ReadOutlook | undefined {
  if (found.kind !== 'entry') return undefined;
  if (found.state === 'fresh') return { kind: 'hit', tier, refreshes: found.refreshDue };
  return found.state === 'stale' ? { kind: 'stale', tier } : undefined;
}

function missReason(near: NearExplanation, far: FarExplanation): MissReason {
  const deciding = far.kind === 'off' ? near : far;
  if (deciding.kind === 'off') return 'absent';
  if (deciding.kind !== 'entry') return deciding.kind;
  return deciding.state === 'expired' || deciding.state === 'outdated' ? deciding.state : 'absent';
}
