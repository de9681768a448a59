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

/** Whether an option says something about the method and not about the policy of its cache. */
export function isMethodOption(name: string): boolean {
  return Object.hasOwn(OPTION_KINDS, name);
}

/** What is wrong with one of the options by itself. Fields of a policy are looked at when it is decided. */
export function misfit({ kind, options }: CachedMethodDefinition): Problem | undefined {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!isMethodOption(name) && STORING.includes(kind)) continue;
    if (!TAKEN[kind].includes(name)) {
      return { problem: `has ${name}, which it does not take`, remedy: 'Leave it out.' };
    }
    const optionKind = OPTION_KINDS[name];
    if (optionKind?.fits(value) === false) {
      const remedy = `It is to be ${optionKind.expected}.`;
      return { problem: `has ${name} ${received(value)}`, remedy };
    }
  }
  return undefined;
}
