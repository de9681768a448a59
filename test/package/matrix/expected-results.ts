import { limitOf } from './limits.js';
import { CHECKS } from './matrix.js';
import { labelOf, PROJECT_KINDS } from './project-kind.js';
import type { Results } from './table.js';
import type { Verdict } from './verdict.js';

/** What the matrix says where nothing fails. */
export function expectedResults(): Results {
  return new Map(
    PROJECT_KINDS.map((kind) => [
      labelOf(kind),
      new Map(
        CHECKS.map(({ name }): [string, Verdict] => {
          const limit = limitOf(kind, name);
          return [name, limit ? { kind: 'limit', reason: limit.reason } : { kind: 'works' }];
        }),
      ),
    ]),
  );
}
