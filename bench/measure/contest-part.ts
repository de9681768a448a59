import { once } from 'node:events';
import { runWithTenant } from 'nestjs-redis-cache';
import type { Contender, ContestTerms } from './decision.js';
import type { RoundSettings } from './stopwatch.js';
import type { WorkloadOutcome } from './outcome.js';

/** What the process that holds the contests asks of that of a contender. */
export type Asked =
  | { readonly kind: 'warmUp'; readonly settings: RoundSettings }
  | { readonly kind: 'time'; readonly operations: number }
  | { readonly kind: 'measures'; readonly operations: number }
  | { readonly kind: 'close' }
  /** The contest is over: on to the next. */
  | { readonly kind: 'next' };

/** What the process of a contender tells. */
export type Told =
  /** It has come to a contest. */
  | {
      readonly kind: 'contest';
      readonly terms: ContestTerms;
      /** Who takes part, as far as this process knows. */
      readonly names: readonly string[];
      /** Why it cannot take part itself, if it cannot. */
      readonly failure: Error | undefined;
    }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly error: Error }
  /** It has come to the end of its workload. */
  | { readonly kind: 'outcome'; readonly outcome: WorkloadOutcome };

/**
 * The part of one contender in the contests of a workload, in a process of its own as it has in an
 * application with tenants: so it does not pay for the code and the garbage of the others.
 */
export class ContestPart {
  /** @param contender undefined takes part in nothing, and so only lists who would */
  constructor(readonly contender: string | undefined) {
    // An application with tenants has a context. In Node 20 every promise costs more from its first use
    // on, and more with each further one. So by hand is given the very one that ours uses.
    runWithTenant('acme', () => undefined);
  }

  /** Does in a contest what it is asked to, until that is over. */
  async take<C extends { readonly name: string }>(
    terms: ContestTerms,
    contestants: readonly C[],
    enter: (contestant: C) => Promise<Contender | Error>,
  ): Promise<void> {
    const own = contestants.find(({ name }) => name === this.contender);
    const entered = own && (await enter(own));
    const failure = entered instanceof Error ? entered : undefined;
    const contender = entered instanceof Error ? undefined : entered;
    tell({ kind: 'contest', terms, names: contestants.map(({ name }) => name), failure });
    for (;;) {
      const [asked] = (await once(process, 'message')) as [Asked];
      if (asked.kind === 'next') return;
      await answer(contender, asked);
    }
  }
}

export function tell(told: Told): void {
  process.send?.(told);
}

async function answer(
  contender: Contender | undefined,
  asked: Exclude<Asked, { kind: 'next' }>,
): Promise<void> {
  try {
    tell({ kind: 'answer', answer: contender && (await work(contender, asked)) });
  } catch (error) {
    tell({ kind: 'failure', error: error as Error });
  }
}

function work(contender: Contender, asked: Exclude<Asked, { kind: 'next' }>): Promise<unknown> {
  switch (asked.kind) {
    case 'warmUp':
      return contender.warmUp(asked.settings);
    case 'time':
      return contender.time(asked.operations);
    case 'measures':
      return contender.measures(asked.operations);
    case 'close':
      return contender.close();
  }
}
