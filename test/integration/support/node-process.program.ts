/** A {@link LeadNode} in a process of its own; `NodeProcess` is the other end. */

import { LeadNode, type LeadNodeOptions } from './lead-node.js';

/** What is asked of this process. */
export interface NodeRequest {
  readonly number: number;
  readonly method: keyof LeadNode;
  readonly args: readonly unknown[];
}

/** What it answers. */
export type NodeResponse =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string };

async function main(): Promise<void> {
  const node = await LeadNode.boot(JSON.parse(process.argv[2] ?? '') as LeadNodeOptions);
  const answer = async ({ number, method, args }: NodeRequest): Promise<void> => {
    const response = await respond(number, () =>
      (node[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args),
    );
    if (process.connected) process.send?.(response);
  };
  process.on('message', (request) => void answer(request as NodeRequest));
  // Once told to close, or when the test is gone, nothing may keep this process alive.
  process.once('disconnect', () => void node.close());
  process.send?.({ number: 0, value: 'booted' } satisfies NodeResponse);
}

async function respond(number: number, call: () => Promise<unknown>): Promise<NodeResponse> {
  try {
    return { number, value: await call() };
  } catch (error) {
    return { number, error: (error as Error).message };
  }
}

void main();
