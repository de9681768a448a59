import { Redis } from 'ioredis';
import { Gate } from '../../support/gate.js';

/** Reads of entries, and scripts: the commands of the cache that a test may hold. */
type HeldCommand = 'getBuffer' | 'evalshaBuffer';
type Command = (...args: unknown[]) => Promise<unknown>;

/** A user's own client whose commands wait where a test says: before they are sent, or their reply. */
export class HeldClient {
  readonly redis: Redis;
  private readonly before = new Map<HeldCommand, Gate>();
  private readonly after = new Map<HeldCommand, Gate>();

  constructor(url: string) {
    this.redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    this.obey('getBuffer');
    this.obey('evalshaBuffer');
  }

  /** The next command of this kind is not sent before the gate opens. */
  holdBefore(command: HeldCommand): Gate {
    const gate = new Gate();
    this.before.set(command, gate);
    return gate;
  }

  /** It is sent, and its reply waits. */
  holdAfter(command: HeldCommand): Gate {
    const gate = new Gate();
    this.after.set(command, gate);
    return gate;
  }

  private obey(name: HeldCommand): void {
    const commands = this.redis as unknown as Record<HeldCommand, Command>;
    const send = commands[name].bind(this.redis);
    commands[name] = async (...args) => {
      await take(this.before, name)?.pass();
      const gate = take(this.after, name);
      const reply = await send(...args);
      await gate?.pass();
      return reply;
    };
  }
}

function take(gates: Map<HeldCommand, Gate>, name: HeldCommand): Gate | undefined {
  const gate = gates.get(name);
  gates.delete(name);
  return gate;
}
