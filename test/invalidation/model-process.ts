import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import type { Looked } from '../../libs/redis-cache/src/cache/looked.js';
import type { LoadRequest } from '../../libs/redis-cache/src/cache/load-request.js';
import type { Invalidation } from '../../libs/redis-cache/src/invalidation/invalidation.js';
import type { RolloutState } from '../../libs/redis-cache/src/rollout/rollout-state.js';
import { EngineHarness } from '../support/engine-harness.js';
import type { FakeClock } from '../support/fake-clock.js';
import type { FarOperation, SharedMemory } from '../support/memory-far.store.js';
import { Floor, FloorsByMessage } from './floors.js';
import { HeldCommands } from './held-commands.js';
import { ANY_MESSAGE, LateBus } from './late-bus.js';
import type { ModelSource, Value } from './model-source.js';
import type { ModelLink, ModelStore } from './model-store.js';
import { KEYS, TAGGED, TENANTS, type By, type ByStamp } from './model-steps.js';

const POLICY = {
  ttl: '10s',
  grace: '20s',
  refreshAhead: 0.5,
  near: { ttl: '5s' },
  waitTimeout: '1s',
} as const;

const TRACELESS: readonly FarOperation[] = ['look', 'peekStamps', 'owesAny'];

interface ModelProcessParts {
  readonly name: string;
  readonly memory: SharedMemory;
  readonly serverClock: FakeClock;
  readonly store: ModelStore;
  readonly near: boolean;
  /** Whether it keeps its entries in its own memory alone. */
  readonly apart: boolean;
  readonly keepsOrder: boolean;
  readonly clock: FakeClock;
}

/** One process of the model: an engine, its clock, its bus, and what it may not fall behind. */
export class ModelProcess {
  readonly apart: boolean;
  readonly name: string;
  readonly clock: FakeClock;
  readonly bus = new LateBus();
  readonly node: EngineHarness;
  /** Its commands to Redis that are late. */
  readonly held: HeldCommands;
  /** Undefined where there is no persistent store. */
  readonly link: ModelLink | undefined;
  /** What it has changed itself, acknowledged or not. */
  readonly own = new Floor();
  /** What it has changed and Redis has not acknowledged, or has lost. */
  readonly unsent = new FloorsByMessage();
  /** What it has changed and no replica has yet. */
  readonly unreplicated = new FloorsByMessage();
  /** What others have changed and it was not told yet. */
  readonly unheard = new FloorsByMessage();
  private heard = new Floor();
  private readonly work = new Set<Promise<unknown>>();
  private failing = false;
  private dead = false;

  constructor({ name, store, apart, ...rest }: ModelProcessParts) {
    this.name = name;
    this.apart = apart;
    this.clock = rest.clock;
    this.link = store.link(this.clock);
    this.node = new EngineHarness({
      ...rest,
      store: this.link,
      usesFar: !apart,
      tell: (message, arrive) => this.bus.send(message, arrive),
    });
    this.held = new HeldCommands(this.node.far);
    // What comes on one connection comes in order: whoever hears itself has heard all before it.
    this.node.coherence.upToDate = () => Promise.resolve(this.proveBus());
  }

  /** Whether nobody waits for anything in it: no call, no load, no command. */
  get isAtRest(): boolean {
    return this.work.size === 0 && !this.held.any && this.link?.isBusy !== true;
  }

  /** All that explaining might leave, but the commands that only look. */
  get footprint(): string {
    const { far, flights, stamps, near } = this.node;
    const { entries, leases, stamps: made } = far.memory;
    const sent = far.sent.filter((command) => !TRACELESS.includes(command)).length;
    const kept = { flights: flights.size, stamps: stamps.size, near: near.entries };
    return JSON.stringify({ sent, ...kept, far: [entries.size, leases.size, made.size] });
  }

  workUntil(done: Promise<unknown>): void {
    const end = (): void => void this.work.delete(done);
    this.work.add(done);
    done.then(end, end);
  }

  get usesRedis(): boolean {
    return this.node.far.available;
  }

  get hears(): boolean {
    return this.node.coherence.trusted && !this.bus.isSilent;
  }

  get entries(): ScopedEntry[] {
    return [...TENANTS.keys()].flatMap((tenant) =>
      [...KEYS.keys()].map((key) => this.entry(tenant, key)),
    );
  }

  entry(tenant: number, key: number): ScopedEntry {
    return this.node.ref(KEYS[key], TENANTS[tenant]);
  }

  request(ref: ScopedEntry, load: () => Value | Promise<Value>): LoadRequest {
    // One tag that is known from the arguments, one that only the value names; or none at all.
    const named = { tags: [`tag:${ref.key}`], resultTags: () => [`result:${ref.key}`] };
    const tags = ref.key === TAGGED ? named : {};
    const persist = this.link !== undefined && ({ ttl: '1h' } as const);
    return this.node.request(load, { ...POLICY, persist }, { ref, ...tags });
  }

  invalidation(ref: ScopedEntry, by: ByStamp): Invalidation {
    const { invalidations } = this.node;
    switch (by) {
      case 'all':
        return invalidations.all();
      case 'tenant':
        return invalidations.tenant(ref.tenant);
      case 'cache':
        return invalidations.cache(ref.tenant, ref.cache, ref.version);
      case 'tag':
        return invalidations.tag(ref.tenant, `tag:${ref.key}`);
      case 'resultTag':
        return invalidations.tag(ref.tenant, `result:${ref.key}`);
    }
  }

  /** As `wrap` does it. @param anew has an entry that is there loaded anew, in the background */
  read(ref: ScopedEntry, load: () => Promise<Value>, anew = false): Promise<unknown> {
    const { engine } = this.node;
    const request = this.request(ref, () => {
      const loading = load();
      this.workUntil(loading);
      return loading;
    });
    if (anew) return engine.getOrLoad({ ...request, refreshWithinMs: Infinity });
    return engine.nearHit(ref.scope, ref.key, request.policy) ?? engine.getOrLoad(request);
  }

  lookUp(ref: ScopedEntry): Promise<Looked> {
    const { policy } = this.request(ref, refuse);
    return this.node.engine.get(ref, policy);
  }

  async explain(ref: ScopedEntry): Promise<void> {
    const { policy } = this.request(ref, refuse);
    await this.node.engine.explain(ref, policy);
  }

  private async apply(ref: ScopedEntry, by: By, bump: () => Value): Promise<string> {
    const { engine } = this.node;
    switch (by) {
      case 'put':
        await engine.put(this.request(ref, bump));
        return ref.redisKey;
      case 'failingPut':
        await engine.put(this.request(ref, refuse)).catch(() => undefined);
        return ref.redisKey;
      case 'set':
        await engine.set(this.request(ref, refuse), bump());
        return ref.redisKey;
      case 'putResult': {
        const request = this.request(ref, bump);
        const begun = await engine.beginPut(request);
        await engine.putResult(request, bump(), begun);
        return ref.redisKey;
      }
      case 'key':
        bump();
        await engine.evict(ref);
        return ref.redisKey;
      case 'pattern':
        bump();
        await engine.evictPattern(ref.tenant, `l*d/${ref.key}*`);
        return ANY_MESSAGE; // where Redis fails, it becomes an eviction of the tenant
      default: {
        const invalidation = this.invalidation(ref, by);
        bump();
        await engine.renewStamp(invalidation);
        return invalidation.key;
      }
    }
  }

  /**
   * Changes a lead, perhaps several times at one go.
   *
   * @returns what it has come to, and the key that other processes are told of
   */
  async change(
    ref: ScopedEntry,
    all: readonly By[],
    source: ModelSource,
  ): Promise<{ changed: Floor; messageKey: string }> {
    const changed = new Floor();
    const changing = all.map((by) =>
      this.apply(ref, by, () => {
        source.bump(ref, by);
        changed.raiseBy(source.changedBy(ref, by));
        return source.valueOf(ref);
      }),
    );
    const [messageKey = ANY_MESSAGE, ...further] = await Promise.all(changing);
    if (this.failing) this.node.far.heal();
    this.failing = false;
    return { changed, messageKey: further.length > 0 ? ANY_MESSAGE : messageKey };
  }

  /** What a call that begins now must not fall behind. */
  floorOf(name: string): number {
    // Cut off from Redis, a process answers what it has; cut off from the bus, it may still join a
    // load that began before. What others do then, it cannot know.
    if (!this.usesRedis || !this.node.coherence.trusted) return this.own.of(name);
    this.heard.raiseBy(this.unheard.takeAllBut((key) => this.bus.isWaiting(key)));
    return Math.max(this.own.of(name), this.heard.of(name));
  }

  /** Another process has changed something, and Redis has it. */
  mustHear(messageKey: string, floor: Floor): void {
    if (this.hears) this.unheard.raise(messageKey, floor);
  }

  /** What it is told is lost from now on, and it does not know. */
  silenceBus(): void {
    this.bus.silence();
    this.unheard.clear();
  }

  loseBus(): void {
    this.node.loseBus();
  }

  /** @param acknowledged what it finds in Redis, now that it starts anew */
  regainBus(acknowledged: Floor): void {
    this.bus.renew();
    this.node.regainBus();
    this.startAnew(acknowledged);
  }

  disconnect(): void {
    if (this.usesRedis) this.node.far.leave();
  }

  /** With its journal replayed, and nothing kept of what was before. @returns whether it uses Redis */
  async reconnect(): Promise<boolean> {
    this.proveBus();
    this.node.far.heal();
    await this.node.far.comeBack();
    return this.usesRedis;
  }

  /** Until it is healed. */
  failNextEvict(): void {
    const operations = ['evict', 'renewStamp', 'sweep', 'owe', 'replaceRollouts'] as const;
    for (const operation of operations) this.node.far.fail(operation);
    this.failing = true;
  }

  /** Whether nobody waits for what it answers any more. */
  get isDead(): boolean {
    return this.dead;
  }

  die(): void {
    this.dead = true;
    this.loseBus();
    this.disconnect();
    this.link?.cut();
  }

  /** Redis has lost what it remembers for the store: nobody can know of more than the store has taken. */
  forgetBeyond(taken: Floor): void {
    this.own.lowerTo(taken);
    this.heard.lowerTo(taken);
    this.unheard.lowerTo(taken);
  }

  /** Whether Redis takes it or not, it holds here. */
  async switchTo(state: RolloutState | null): Promise<void> {
    await this.node.rolloutSync.change('lead', state);
    this.node.far.heal();
  }

  startAnew(acknowledged: Floor): void {
    this.unheard.clear();
    this.heard = Floor.copyOf(acknowledged);
  }

  private proveBus(): boolean {
    if (!this.node.coherence.trusted) return false;
    if (this.bus.isSilent) {
      this.loseBus();
      return false;
    }
    this.bus.deliverAll();
    return true;
  }
}

function refuse(): never {
  throw new Error('called, though nothing was to come of it');
}
