import { entriesContract } from './entries.contract.js';
import { FarStoreTrial, type FarStoreSubject } from './far-store.trial.js';
import { invalidationsContract } from './invalidations.contract.js';
import { leasesContract } from './leases.contract.js';
import { owedContract } from './owed.contract.js';
import { sweepsContract } from './sweeps.contract.js';

/**
 * What every far store has to keep to.
 *
 * @param subject the store, made before the first test
 * @param freshKey an entry key that no other test uses
 */
export function farStoreContract(subject: () => FarStoreSubject, freshKey: () => string): void {
  const begin = () => new FarStoreTrial(subject(), freshKey());
  entriesContract(begin);
  leasesContract(begin);
  invalidationsContract(begin);
  sweepsContract(subject);
  describe('what the persistent store is owed', () => owedContract(subject));
}
