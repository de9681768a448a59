import type { ResolvedPolicy } from '../config/resolve-policy.js';
import {
  InvalidationHistory,
  type SeenInvalidation,
} from '../invalidation/invalidation-history.js';
import type { EngineParts } from './engine-parts.js';
import type {
  FarExplanation,
  NearExplanation,
  StampExplanation,
  TiersExplanation,
} from './entry-explanation.js';
import type { ScopedEntry } from './entry-scope.js';
import { entryStampKeys } from './entry-stamp-keys.js';
import { FarExplainer } from './far-explainer.js';
import type { Leases } from './leases.js';
import { NearExplainer } from './near-explainer.js';
import { PersistentExplainer } from './persistent-explainer.js';
import { outlookOf } from './read-outlook.js';
import type { StampReader } from './stamp-reader.js';

/**
 * Says what a read of an entry would come to, and why, and changes nothing: no stamp is made, no lease
 * taken, nothing counted, dropped or marked as used. Only Redis itself takes note of an access.
 */
export class EntryExplainer {
  private readonly history = new InvalidationHistory();
  private readonly near: NearExplainer;
  private readonly far: FarExplainer;
  private readonly persistent: PersistentExplainer;

  constructor(
    private readonly parts: EngineParts,
    private readonly leases: Leases,
    stampReader: StampReader,
  ) {
    this.near = new NearExplainer(parts, stampReader);
    this.far = new FarExplainer(parts, stampReader, (cache) => parts.rollouts.of(cache).epoch);
    this.persistent = new PersistentExplainer(parts);
    const note = (key: string, by: SeenInvalidation['by']) => {
      this.history.note(key, { by, atMs: parts.clock.nowMs() });
    };
    parts.events.on('evict', ({ entry }) => note(entry.redisKey, 'this process'));
    parts.events.on('invalidate', ({ key }) => note(key, 'this process'));
    parts.events.on('remoteInvalidation', ({ key }) => note(key, 'another process'));
  }

  async explain(ref: ScopedEntry, policy: ResolvedPolicy): Promise<TiersExplanation> {
    const persistent = await this.persistent.explain(ref, policy);
    const { far, lease } = await this.far.explain(ref, policy);
    // After it and in one go, so that what is said of this process is of one moment.
    const near = this.near.explain(ref, policy, far.kind === 'entry' ? far.stamps : []);
    const { flights, stamps, keys } = this.parts;
    const joinable = flights.joinable(ref)?.begunAt === stamps.changes;
    const levels = [...entryStampKeys(keys, ref, [...tagsOf(near), ...tagsOf(far)])].map(
      ([key, { level }]) => [key, level] as const,
    );
    return {
      entry: ref,
      outlook: outlookOf({
        mode: ref.scope.mode,
        near,
        far,
        persistent,
        leased: lease !== undefined,
        joinable,
      }),
      near,
      far,
      persistent,
      flights: flights.countOf(ref),
      lease: lease && { ours: this.leases.owns(lease.token), leftMs: lease.leftMs },
      lastInvalidation: this.history.last(ref.redisKey, new Map(levels)),
      bus: this.bus,
    };
  }

  private get bus(): TiersExplanation['bus'] {
    const { link, coherence } = this.parts;
    if (!link) return 'none';
    if (!coherence.trusted) return 'unproven';
    return coherence.hearsOthers ? 'proven' : 'off';
  }
}

function tagsOf(found: NearExplanation | FarExplanation): string[] {
  const stamps: readonly StampExplanation[] = found.kind === 'entry' ? found.stamps : [];
  return stamps.flatMap(({ tag }) => tag ?? []);
}
