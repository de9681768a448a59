import type { Consumer } from './consumer.js';
import type { ProjectKind } from './project-kind.js';

/** One column of the matrix: what has to work in a project. */
export interface Check {
  readonly name: string;
  /** What it takes, beside the peers. */
  readonly packages: (kind: ProjectKind) => readonly string[];
  /** @throws if it does not work */
  readonly run: (consumer: Consumer) => Promise<void>;
}
