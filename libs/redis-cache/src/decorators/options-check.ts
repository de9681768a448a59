import { POLICY_FIELDS } from '../config/resolve-policy.js';
import { received } from '../errors/received.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';

/** What cannot be meant, and what to do about it. */
export interface Problem {
  readonly problem: string;
  readonly remedy: string;
}

type Kind = CachedMethodDefinition['kind'];

interface OptionKind {
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
}

const OF_ARGUMENTS: OptionKind = {
  fits: (value) => typeof value === 'function',
  expected: 'a function of the arguments',
};

const OF_RESULT: OptionKind = {
  fits: (value) => typeof value === 'function',
  expected: 'a function of the result, then the arguments',
};

const FLAG: OptionKind = {
  fits: (value) => typeof value === 'boolean',
  expected: 'true or false',
};

const TAGS: OptionKind = {
  fits: (value) =>
    typeof value === 'function' ||
    (Array.isArray(value) && value.every((tag) => typeof tag === 'string' && tag !== '')),
  expected: 'a list of strings that are not empty, or a function of the arguments that returns one',
};

/** Options of decorators beside those of the policy of their cache. */
const OPTION_KINDS: Readonly<Record<string, OptionKind>> = {
  key: OF_ARGUMENTS,
  condition: OF_ARGUMENTS,
  tenant: OF_ARGUMENTS,
  tags: TAGS,
  resultKey: OF_RESULT,
  resultTags: OF_RESULT,
  unless: OF_RESULT,
  allEntries: FLAG,
  beforeInvocation: FLAG,
  afterCommit: FLAG,
};

const EVERYWHERE = ['condition', 'tenant', 'unless'];
const EVICTING = [...EVERYWHERE, 'beforeInvocation', 'afterCommit', 'scope'];

/** What each decorator takes; those that store take every field of a policy, too. */
const TAKEN: Readonly<Record<Kind, readonly string[]>> = {
  cacheable: [...EVERYWHERE, 'key', 'tags', 'resultTags'],
  put: [...EVERYWHERE, 'key', 'resultKey', 'tags', 'resultTags', 'afterCommit'],
  evict: [...EVICTING, 'key', 'resultKey', 'allEntries', 'version'],
  'evict-tags': [...EVICTING, 'tags', 'resultTags'],
};

const STORING: readonly Kind[] = ['cacheable', 'put'];

/** Fields of a policy that hold for a whole cache. Why one stands here is asked when it is decided. */
const OF_CACHE = ['persist', 'enabled', 'rollout'];

const EXAMPLES: Readonly<Record<Kind, string>> = {
  cacheable: `{ ttl: '15m' }`,
  put: `{ key: (id: string) => id }`,
  evict: `{ key: (id: string) => id }`,
  'evict-tags': `{ tags: (id: string) => [\`lead:\${id}\`] }`,
};

/** Whether an option says something about the method and not about the policy of its cache. */
export function isMethodOption(name: string): boolean {
  return Object.hasOwn(OPTION_KINDS, name);
}

/** What is wrong with the options as a whole: a duration, say, in the place of `{ ttl }`. */
export function misplaced({ kind, options }: CachedMethodDefinition): Problem | undefined {
  const given: unknown = options;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return undefined;
  return {
    problem: `has ${received(given)} in the place of its options`,
    remedy: `Write an object, for instance ${EXAMPLES[kind]}.`,
  };
}

/** What is wrong with one of the options by itself. Fields of a policy are looked at when it is decided. */
export function misfit({ kind, options }: CachedMethodDefinition): Problem | undefined {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (STORING.includes(kind) && POLICY_FIELDS.includes(name)) continue;
    if (!TAKEN[kind].includes(name)) {
      return { problem: `has ${name}, which it does not take`, remedy: remedyFor(kind, name) };
    }
    const optionKind = OPTION_KINDS[name];
    if (optionKind?.fits(value) === false) {
      const remedy = `It is to be ${optionKind.expected}.`;
      return { problem: `has ${name} ${received(value)}`, remedy };
    }
  }
  return undefined;
}

/** One that another decorator takes is understood, and one that none does is misspelled. */
function remedyFor(kind: Kind, name: string): string {
  if (isMethodOption(name) || POLICY_FIELDS.includes(name)) return 'Leave it out.';
  const ofPolicy = STORING.includes(kind) ? POLICY_FIELDS : [];
  const taken = [...TAKEN[kind], ...ofPolicy.filter((field) => !OF_CACHE.includes(field))];
  return `It takes ${taken.join(', ')}.`;
}
