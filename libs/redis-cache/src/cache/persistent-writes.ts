import type { StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import { invalidationOf, type Evictor, type Persisted } from './evictor.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { LoadRequest } from './load-request.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { nameBy, type PersistentEntries } from './persistent-entries.js';

/** What a write does with the persistent store, where its cache has one. */
export class PersistentWrites {
  constructor(
    private readonly access: FarAccess,
    private readonly entries: PersistentEntries,
    private readonly evictor: Evictor,
  ) {}

  /** Whether there is anything to be done with it. */
  keeps(policy: ResolvedPolicy): boolean {
    return this.entries.keeps(policy);
  }

  /**
   * Takes the write's place among the invalidations of the store: before its method begins, so that its
   * value is not put behind an eviction by a process that cannot take its lease.
   */
  begin({ ref, policy, tags }: LoadRequest): Promise<Persisted> | undefined {
    if (!this.entries.keeps(policy)) return undefined;
    const names = [nameBy(ref, 'written'), nameBy(ref, 'loaded')];
    const next = this.entries.namesOf(ref, 'written', tags ?? []);
    return this.evictor.invalidatePersisted(invalidationOf(ref), names, next);
  }

  /** Has the store give up what was loaded while the method ran. */
  async end(ref: ScopedEntry, { point, ...begun }: Persisted): Promise<Persisted> {
    const names = [nameBy(ref, 'loaded')];
    const ended = await this.evictor.invalidatePersisted(invalidationOf(ref), names);
    const acknowledged = begun.acknowledged && ended.acknowledged;
    const owing = acknowledged ? [] : [ref.redisKey];
    return { acknowledged, point: acknowledged ? point : undefined, owing };
  }

  /** Has it give up all of the entry, and take nothing in its place. */
  async forget({ ref, policy }: LoadRequest): Promise<Persisted | undefined> {
    if (!this.entries.keeps(policy)) return undefined;
    const forgotten = await this.evictor.invalidatePersisted(invalidationOf(ref));
    return { ...forgotten, point: undefined };
  }

  /** Has it keep what was written, behind the answer. */
  putLater(request: LoadRequest, value: StorableValue, stamps: EntryStamps, point: string): void {
    this.entries.putLater(request, value, stamps, 'written', point);
  }

  /** Has Redis remember what the store has not taken. @returns that it is away, if it does not */
  owe(ref: ScopedEntry, owing: readonly string[]): Promise<Away | undefined> {
    return this.access
      .ask('owe', ref, (far) => far.owe(owing))
      .then((answer) => (isAway(answer) ? answer : undefined));
  }
}
