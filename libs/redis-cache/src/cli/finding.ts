import type { InfoReply } from '../connection/info-reply.js';
import type { Session } from './session.js';

/** How much a finding matters, from nothing to do to what has to be put right first. */
export const SEVERITIES = ['ok', 'info', 'warning', 'error'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What a check has found. */
export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** What checks look at. */
export interface Subject {
  readonly session: Session;
  /** What each server says of itself; of a cluster all masters. None where the user may not ask. */
  readonly servers: readonly InfoReply[];
  /** Settings of the first server, those that it tells. */
  readonly settings: ReadonlyMap<string, string>;
}

/** One of the things that a cache needs of Redis. */
export type Check = (subject: Subject) => Promise<Finding[]> | Finding[];

/** A finding of one check. */
export type Found = (severity: Severity, found: string, advice?: string) => Finding;

export function foundBy(check: string): Found {
  return (severity, found, advice) => ({
    check,
    severity,
    found,
    ...(advice !== undefined && { advice }),
  });
}
