import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import type { ModelProcess } from './model-process.js';
import type { ModelSource } from './model-source.js';
import { TENANTS } from './model-steps.js';

/** Whatever belongs to tenants whom every process leaves out changes, and nobody evicts it. */
export function changeUnseen(processes: readonly ModelProcess[], source: ModelSource): void {
  for (const tenant of TENANTS.keys()) {
    const refs = processes.map((process) => process.entry(tenant, 0));
    if (refs.some(({ scope }) => scope.mode === 'on')) continue;
    const changed = source.changeAll(refs[0] as ScopedEntry);
    // Whoever is served again, by whomever, is served nothing from before.
    for (const { own } of processes) own.raiseBy(changed);
  }
}
