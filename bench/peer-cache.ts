/** A cache library as comparisons use it: how it is set up, and nodes of it to try. */
export interface PeerCache {
  readonly name: string;
  /** Of the installed package, and of those that it was set up with. */
  readonly version: string;
  /** The settings it was given, for a reader who wants to judge them: a sentence or two. */
  readonly settings: string;
  /** It keeps entries in its process alone: nodes of it share nothing. @default false */
  readonly memoryOnly?: boolean;
  /** Its own declarations take a client of a Redis Cluster. @default false */
  readonly clusters?: boolean;
  /** What a reader should know who chooses between it and the others. */
  readonly strengths?: string;
  /** A node as an application would have it: own connections, ready for use. */
  create(redisUrl: string, options: NodeOptions): Promise<PeerNode>;
}

/** What a comparison asks of every node, in the words of no library. */
export interface NodeOptions {
  /** Begins every key and channel; nodes that share it share entries. */
  readonly prefix: string;
  /** How long an entry lives, in whole seconds: some libraries know no smaller unit. */
  readonly ttlSeconds: number;
  /** How long a caller waits for a load of somebody else, where the library has a limit for that. */
  readonly waitMs: number;
  /** How long a lock lives that lets one process load, where the library has one. */
  readonly lockMs: number;
  /** Nodes of a Redis Cluster instead of the server at the address, for a library that takes one. */
  readonly cluster?: readonly ClusterNode[];
}

/** Where a node of a Redis Cluster is. */
export interface ClusterNode {
  readonly host: string;
  readonly port: number;
}

/** What is said about one entry. */
export interface EntryOptions {
  readonly tags?: readonly string[];
}

/**
 * One process of an application, as far as the library can tell. What its methods return beside an
 * entry is the library's matter: it is awaited, not looked at.
 */
export interface PeerNode {
  /** Undefined if nothing is there. */
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, options?: EntryOptions): Promise<unknown>;
  wrap<T>(key: string, load: () => Promise<T>, options?: EntryOptions): Promise<T>;
  evict(key: string): Promise<unknown>;
  /** Absent where the library has no tags. */
  evictTags?(tags: readonly string[]): Promise<unknown>;
  /** Evicts all entries of this node's prefix, or of its tenant; absent where the library cannot. */
  clear?(): Promise<unknown>;
  /** The same node for one tenant or namespace; absent where keys are all there is. */
  tenant?(id: string): PeerNode;
  close(): unknown;
}

/** What a hit from the process is to its callers, if there are such hits. */
export type NearKind = 'copies' | 'shares' | 'none';

/** By name of a peer. */
export type NearKinds = Readonly<Record<string, NearKind>>;
