import type { CacheMode, RedisCacheModuleOptions } from 'nestjs-redis-cache';
import type { RedisServerProcess } from '../support/redis/redis-server.js';

/** Servers, and how two processes reach them. */
export interface Stage {
  readonly connections: readonly [Connection, Connection];
  readonly servers: readonly RedisServerProcess[];
  stop(): Promise<void>;
}

/** What each client of ours calls itself, in the list of a server. */
export const CLIENT_NAME = 'name=nestjs-redis-cache';

export type Connection = RedisCacheModuleOptions['connection'];

/** A fault that a deployment meets, and what is expected of the cache. */
export interface ScenarioOptions<S extends Stage> {
  /** What happens, for the table. */
  readonly name: string;
  readonly stage: () => Promise<S>;
  /** How the cache works meanwhile, in the processes that are struck; null where that varies. */
  readonly mode: CacheMode | null;
  /** Whether it may keep from a process what others do. @default true */
  readonly cutsOff?: boolean;
  /** Whether the second process alone is struck. @default false */
  readonly secondAlone?: boolean;
  /** What a process has to have been told, so that the fault is known to have been there. */
  readonly told?: RegExp;
  /** How often each process has to have connected anew. */
  readonly reconnects?: number;
  /**
   * Whether one process is cut off with leases that the others see and wait for, until they have run
   * out. @default false
   */
  readonly leasesLapse?: boolean;
  /** How long it lasts after it struck. @default 500 */
  readonly lastsMs?: number;
  strike(stage: S): unknown;
  /** Ends the fault; the time to recover counts from then. */
  heal?(stage: S): unknown;
  /** Where nobody heals it: waits until it is over. The time to recover counts from the strike then. */
  over?(stage: S): unknown;
}

/** A scenario whatever its stage. */
export interface Scenario extends Omit<
  ScenarioOptions<Stage>,
  'stage' | 'strike' | 'heal' | 'over'
> {
  readonly lastsMs: number;
  /** Whether somebody ends it; else it ends by itself. */
  readonly healed: boolean;
  set(): Promise<StageOfScenario>;
}

/** A stage on which a fault can strike. */
export interface StageOfScenario extends Stage {
  strike(): Promise<void>;
  end(): Promise<void>;
}

const LASTS_MS = 500;

/** A scenario of the table. */
export function scenario<S extends Stage>(options: ScenarioOptions<S>): Scenario {
  const { stage: begin, strike, heal, over, ...rest } = options;
  return {
    lastsMs: LASTS_MS,
    ...rest,
    healed: heal !== undefined,
    async set() {
      const stage = await begin();
      return {
        connections: stage.connections,
        servers: stage.servers,
        stop: () => stage.stop(),
        strike: async () => {
          await strike(stage);
        },
        end: async () => {
          await (heal ?? over)?.(stage);
        },
      };
    },
  };
}
