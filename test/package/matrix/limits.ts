import { labelOf, type ProjectKind } from './project-kind.js';

/** A cell that cannot work, whatever the library does. That it does not is tried, too. */
export interface Limit {
  readonly project: string;
  readonly check: string;
  /** What the failure says. */
  readonly shows: string;
  readonly reason: string;
}

export const LIMITS: readonly Limit[] = [
  {
    project: 'Nest 12, CommonJS',
    check: 'tsc, node16',
    shows: 'TS1479',
    reason:
      'Nest 12 is ES modules only, which `node16` lets no CommonJS import. `nodenext` does, as Node itself.',
  },
];

export function limitOf(kind: ProjectKind, check: string): Limit | undefined {
  return LIMITS.find((limit) => limit.project === labelOf(kind) && limit.check === check);
}
