import type { Finding, Severity } from './finding.js';

/** What was found before a cache is switched on. */
export interface ValidateReport {
  readonly redis: string;
  readonly prefix: string;
  /** Of the gravest finding. */
  readonly severity: Severity;
  readonly findings: readonly Finding[];
}
