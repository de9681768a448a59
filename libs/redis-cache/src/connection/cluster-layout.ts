import { FarUnavailableError } from '../errors/far-tier.error.js';

const SLOTS = 16_384;
/** Fields of a line of `CLUSTER NODES` before the slots. */
const FIELDS = 8;

/** What one master says of itself. */
interface Master {
  readonly id: string;
  readonly slots: readonly string[];
}

/**
 * Which master of a Cluster serves which slots. Two answers that are the same say that no key has
 * moved from one master to another in between.
 *
 * @param told what each of the masters has answered to `CLUSTER NODES`
 * @throws {FarUnavailableError} a master is missing, or keys are being moved
 */
export function clusterLayout(told: readonly unknown[]): string {
  const masters = told.map(ownWords).sort((a, b) => (a.id < b.id ? -1 : 1));
  const slots = masters.flatMap((master) => master.slots);
  // Within brackets stands a slot on its way: [slot->-node] and [slot-<-node].
  if (slots.some((range) => range.startsWith('['))) {
    throw new FarUnavailableError('The cluster is moving slots between its nodes');
  }
  if (slots.reduce((sum, range) => sum + sizeOf(range), 0) !== SLOTS) {
    throw new FarUnavailableError('Not every slot of the cluster has a master that answers');
  }
  return masters.map(({ id, slots: own }) => `${id} ${own.join(' ')}`).join('\n');
}

function ownWords(told: unknown): Master {
  const lines = String(told).split('\n');
  const own = lines.find((line) => line.split(' ', 3)[2]?.startsWith('myself')) ?? '';
  const [id = '', , flags = '', ...rest] = own.split(' ');
  // One that has become a replica serves nothing, whatever it remembers.
  const slots = flags.split(',').includes('master') ? rest.slice(FIELDS - 3) : [];
  return { id, slots };
}

function sizeOf(range: string): number {
  const [first, last = first] = range.split('-');
  return Number(last) - Number(first) + 1;
}
