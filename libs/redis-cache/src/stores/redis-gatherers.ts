import { failureKind } from '../connection/failure-kind.js';
import type { RedisClientLike } from '../connection/redis-client.interface.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { Script, ScriptArgument } from '../connection/script-runner.js';
import { columnsOf, type ScriptItem } from './batch-script.js';
import { isOne } from './script-replies.js';
import { ReplySize } from './reply-size.js';
import type { SlotRule } from './slot-rule.js';
import { Gatherer, Tick } from './tick-gatherer.js';

/** How a script is sent. */
export interface ScriptSettings<I extends ScriptItem, A> {
  /** Sent while Redis recovers, too: it brings Redis up to date. */
  readonly update?: boolean;
  /** The first item of a tick goes out at once: somebody waits for it elsewhere. */
  readonly urgent?: boolean;
  /** Behind its replies it tells the time of the server. */
  readonly tellsTime?: boolean;
  /** Hears each answer, also one that comes too late for whoever asked. */
  readonly heard?: (item: I, answer: A) => void;
}

interface Bounds<Q> {
  readonly mostAtOnce?: () => number;
  readonly bytesOf?: (question: Q) => number;
  readonly firstAtOnce?: boolean;
}

/** Items of one command at most: few enough that the server is not held up by it. */
const MAX_ITEMS = 256;

/**
 * The same of the first command while nothing is under way: these few are answered soon, and this process goes
 * on with them while the server is at work on the rest.
 */
const FIRST_ITEMS = 16;

/**
 * Sends what is asked for within one tick by one or few commands of each kind. Where the keys of one command
 * must be of one slot, every item goes by itself; the client of a Cluster gathers them by node.
 */
export class RedisGatherers {
  private readonly all: { flush(): void }[] = [];
  private readonly tick = new Tick(() => this.all);

  constructor(
    private readonly connection: RedisConnection,
    private readonly slots: SlotRule,
  ) {}

  /** A gatherer of reads. What was made earlier is sent earlier in each tick. */
  reads(): Gatherer<string, Buffer | undefined> {
    const size = new ReplySize();
    const ask = (keys: readonly string[]) =>
      this.connection.run((client) => read(client, keys, (found) => size.note(found)));
    return this.gather(ask, { mostAtOnce: () => size.values });
  }

  /**
   * A gatherer of what one script does.
   *
   * @param answerOf what the script's reply to an item says
   */
  script<A, I extends ScriptItem = ScriptItem>(
    script: Script,
    answerOf: (reply: unknown) => A,
    { update = false, tellsTime = false, urgent = false, heard }: ScriptSettings<I, A> = {},
  ): Gatherer<I, A> {
    const { connection } = this;
    const answered = (reply: unknown, item: I): A | Error => {
      if (reply instanceof Error) return reply;
      const answer = answerOf(reply);
      heard?.(item, answer);
      return answer;
    };
    const run = (items: readonly I[]): Promise<(A | Error)[]> => {
      const { keys, args } = columnsOf(items);
      const sentAtMs = tellsTime ? connection.clock.nowMs() : 0;
      const command = (client: RedisClientLike) =>
        script.run(client, keys, args).then((reply) => {
          const replies = reply as unknown[];
          if (tellsTime) this.learnTime(replies, sentAtMs);
          return judged(replies).map((each, i) => answered(each, items[i] as I));
        });
      return update ? connection.update(command) : connection.run(command);
    };
    return this.gather(run, { bytesOf, firstAtOnce: urgent });
  }

  /**
   * A gatherer of what one script does, of which nothing goes out that is outdated by then, be it for the first time
   * or anew. The script tells the time behind its replies.
   *
   * @param idle arguments with which it does nothing to an item
   * @returns answers whether the script has done something; false as well if it was not run
   */
  inOrder<I extends ScriptItem>(
    script: Script,
    isOutdated: (item: I) => boolean,
    idle: readonly ScriptArgument[],
  ): Gatherer<I, boolean> {
    const { connection } = this;
    const run = async (items: readonly I[]): Promise<(boolean | Error)[]> => {
      const sent = items.filter((item) => !isOutdated(item));
      const [first] = sent;
      if (!first) return items.map(() => false);
      const doingNothing = () => columnsOf([{ keys: first.keys, args: idle }]);
      const { keys, args } = columnsOf(sent);
      const sentAtMs = connection.clock.nowMs();
      const reply = await connection.run((client) =>
        script.runInOrder(client, keys, args, doingNothing),
      );
      if (reply === undefined) return items.map(() => false);
      const replies = reply as unknown[];
      this.learnTime(replies, sentAtMs);
      const answers = judged(replies).map((each) => (each instanceof Error ? each : isOne(each)));
      if (sent.length === items.length) return answers;
      return items.map((item) => answers[sent.indexOf(item)] ?? false);
    };
    return this.gather(run, { bytesOf });
  }

  /** The time stands behind the replies. */
  private learnTime(replies: unknown[], sentAtMs: number): void {
    const serverMs = replies.pop() as number;
    this.connection.learnServerTime(serverMs, sentAtMs, this.connection.clock.nowMs());
  }

  private gather<Q, A>(
    ask: (questions: readonly Q[]) => Promise<readonly (A | Error)[]>,
    { mostAtOnce, bytesOf: sizeOf, firstAtOnce = false }: Bounds<Q> = {},
  ): Gatherer<Q, A> {
    const gatherer = new Gatherer<Q, A>({
      ask,
      schedule: () => this.tick.schedule(),
      maxQuestions: (unanswered) => {
        if (this.slots.keysApart) return 1;
        return Math.min(unanswered > 0 ? MAX_ITEMS : FIRST_ITEMS, mostAtOnce?.() ?? MAX_ITEMS);
      },
      isForBeingSeveral: (error) => this.slots.isWhy(error),
      deadlines: this.connection.deadlines,
      firstAtOnce,
      ...(sizeOf && { bytesOf: sizeOf }),
    });
    this.all.push(gatherer);
    return gatherer;
  }
}

type Found = readonly (Buffer | undefined)[];

function read(
  client: RedisClientLike,
  keys: readonly string[],
  note: (found: Found) => Found,
): Promise<Found> {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) {
    return client.getBuffer(first).then((bytes) => note([bytes ?? undefined]));
  }
  return client.mgetBuffer(...keys).then((found) => note(found.map((bytes) => bytes ?? undefined)));
}

/** A server that cannot serve says so for each item; that is told as if it had refused the command. */
function judged(replies: unknown[]): unknown[] {
  const failure = replies.find(
    (reply) => reply instanceof Error && failureKind(reply) !== 'refused',
  );
  if (failure) throw failure as Error;
  return replies;
}

function bytesOf({ args }: ScriptItem): number {
  let bytes = 0;
  for (const arg of args) if (typeof arg !== 'number') bytes += arg.length;
  return bytes;
}
