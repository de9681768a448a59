import type { EntryWriter, PutStart } from './entry-writer.js';
import type { Evictor } from './evictor.js';
import type { LoadRequest } from './load-request.js';
import type { UnservedCalls } from './unserved-calls.js';

/** Writes entries for those for whom their cache is used, and evicts them for all others. */
export class WriteCalls {
  constructor(
    private readonly writer: EntryWriter,
    private readonly unserved: UnservedCalls,
    private readonly evictor: Evictor,
  ) {}

  /**
   * Stores a value.
   *
   * @returns whether the entry now stands for it
   * @throws {UncacheableValueError} it cannot be carried exactly
   */
  set(request: LoadRequest, value: unknown): Promise<boolean> {
    const { ref } = request;
    const { mode } = ref.scope;
    if (mode !== 'on') return this.unserved.set(request, value, mode).then(() => false);
    return this.writer.set(request, value).then((stored) => {
      if (stored || ref.scope.mode === 'on') return stored;
      // Left out meanwhile: another process may not know yet, and serve the earlier value.
      return this.evictor.evict(ref).then(() => false);
    });
  }

  /** Runs a method that writes to the source, and stores its result. */
  put(request: LoadRequest): Promise<unknown> {
    const { mode } = request.ref.scope;
    return mode === 'on' ? this.writer.put(request) : this.unserved.put(request, mode);
  }

  /** To be called before a method whose result names the key of the entry; see {@link putResult}. */
  beginPut(request: LoadRequest): Promise<PutStart> {
    return this.writer.beginPut(request);
  }

  /** Stores the result of such a method. */
  putResult(request: LoadRequest, value: unknown, begun: PutStart): Promise<void> {
    const { mode } = request.ref.scope;
    return mode === 'on'
      ? this.writer.putResult(request, value, begun)
      : this.unserved.set(request, value, mode);
  }
}
