import { Redis } from 'ioredis';
import { Gate } from '../../support/gate.js';

/** Reads of entries, and scripts: the commands of the cache that a test may hold. */
type HeldCommand = 'getBuffer' | 'evalshaBuffer';
type Command = (...args: unknown[]) => Promise<unknown>;

/** Where a command waits, and which one does. */
interface Hold {
  readonly gate: Gate;
  readonly isMeant: (args: readonly unknown[]) => boolean;
}

const any = (): boolean => true;

/** A user's own client whose commands wait where a test says: before they are sent, or their reply. */
export class HeldClient {
  readonly redis: Redis;
  private readonly before = new Map<HeldCommand, Hold>();
  private readonly after = new Map<HeldCommand, Hold>();

  constructor(url: string) {
    this.redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    this.obey('getBuffer');
    this.obey('evalshaBuffer');
  }

  /**
   * The next command of this kind is not sent before the gate opens.
   *
   * @param isMeant tells by its arguments whether a command is the one; by default the next is
   */
  holdBefore(command: HeldCommand, isMeant: Hold['isMeant'] = any): Gate {
    const gate = new Gate();
    this.before.set(command, { gate, isMeant });
    return gate;
  }

  /** It is sent, and its reply waits. */
  holdAfter(command: HeldCommand, isMeant: Hold['isMeant'] = any): Gate {
    const gate = new Gate();
    this.after.set(command, { gate, isMeant });
    return gate;
  }

  private obey(name: HeldCommand): void {
    const commands = this.redis as unknown as Record<HeldCommand, Command>;
    const send = commands[name].bind(this.redis);
    commands[name] = async (...args) => {
      await take(this.before, name, args)?.pass();
      const gate = take(this.after, name, args);
      const reply = await send(...args);
      await gate?.pass();
      return reply;
    };
  }
}

function take(
  holds: Map<HeldCommand, Hold>,
  name: HeldCommand,
  args: readonly unknown[],
): Gate | undefined {
  const hold = holds.get(name);
  if (!hold?.isMeant(args)) return undefined;
  holds.delete(name);
  return hold.gate;
}
