import { CacheEngine } from '../cache/cache-engine.js';
import type { BypassReason } from '../cache/cache-counters.js';
import { CallSummary, type Answered } from '../cache/call-log.js';
import type { EngineParts } from '../cache/engine-parts.js';
import type { EntryScope, ScopedEntry } from '../cache/entry-scope.js';
import type { LoadRequest } from '../cache/load-request.js';
import type { Looked } from '../cache/looked.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { CacheRecord, RecordedEntry } from './cache-record.js';
import { evictionOf } from './eviction-of.js';

type Take = (record: CacheRecord) => void;

/** The engine, which tells of every call what it came to. */
export class RecordingEngine extends CacheEngine {
  private readonly callLog: EngineParts['calls'];

  constructor(
    parts: EngineParts,
    private readonly take: Take,
  ) {
    super(parts);
    this.callLog = parts.calls;
    recordEvents(parts, take);
  }

  override nearHit(
    scope: EntryScope,
    key: string,
    policy: ResolvedPolicy,
  ): Promise<unknown> | undefined {
    const hit = super.nearHit(scope, key, policy);
    if (hit)
      this.take({ kind: 'hit', tier: 'near', tenant: scope.tenant, cache: scope.cache, key });
    return hit;
  }

  override getOrLoad(request: LoadRequest): Promise<unknown> {
    return this.recorded(request.ref, () => super.getOrLoad(request));
  }

  override get(ref: ScopedEntry, policy: ResolvedPolicy): Promise<Looked> {
    return this.recorded(ref, () => super.get(ref, policy));
  }

  override countBypass(cache: string, reason: BypassReason): void {
    super.countBypass(cache, reason);
    this.take({ kind: 'bypass', cache, reason });
  }

  private async recorded<T>(ref: ScopedEntry, call: () => Promise<T>): Promise<T> {
    const summary = new CallSummary();
    try {
      return await this.callLog.record(summary, call);
    } finally {
      const { answered } = summary;
      if (answered) {
        // Whoever sums up the calls of a request is told as well.
        this.callLog.note(answered);
        this.recordAnswer(ref, answered);
      }
    }
  }

  private recordAnswer(ref: ScopedEntry, answered: Answered): void {
    const entry = nameOf(ref);
    switch (answered.status) {
      case 'hit':
        this.take({ kind: 'hit', tier: answered.tier, ...entry });
        return;
      case 'stale':
        this.take({ kind: 'stale', ...entry });
        return;
      case 'miss':
        this.take({ kind: 'miss', reason: answered.reason, joined: answered.collapsed, ...entry });
        return;
      case 'bypass': // recorded where it was counted
        return;
    }
  }
}

function recordEvents({ events, keys }: EngineParts, take: Take): void {
  // The event of a load that failed comes right before that of its end.
  let failed = false;
  events.on('loadError', () => {
    failed = true;
  });
  events.on('load', ({ entry }) => {
    take({ kind: 'load', failed, ...nameOf(entry) });
    failed = false;
  });
  events.on('evict', ({ entry, acknowledged }) => {
    take({ kind: 'evict', level: 'entry', ...nameOf(entry), acknowledged });
  });
  events.on('invalidate', (invalidation) => {
    take({ kind: 'evict', ...evictionOf(keys, invalidation) });
  });
}

function nameOf({ tenant, cache, key }: RecordedEntry): RecordedEntry {
  return { tenant, cache, key };
}
