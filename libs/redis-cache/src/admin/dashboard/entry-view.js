// @ts-check
import { facts, make } from './dom.js';
import { bytes, duration, latency, tenantName, time } from './format.js';

/** @import { EntryAge, FarExplanation, NearExplanation, PersistentExplanation, ReadOutlook, StampExplanation } from '../../cache/entry-explanation.js' */
/** @import { AdminEntry, AdminValue } from '../admin.contract.js' */

/** @typedef {[term: string, value: string]} Fact */

/** @type {Readonly<Record<string, string>>} */
const REASONS = {
  absent: 'it is in neither tier',
  expired: 'it is past its ttl and grace',
  outdated: 'an eviction has hit it',
  undecodable: 'its bytes are no entry',
  newer: 'a later version of the library wrote it',
  away: 'Redis is away',
  refused: 'Redis refuses to tell',
};

const TIERS = { near: 'this process', far: 'Redis', persistent: 'the persistent store' };

/**
 * What is known of an entry, and what a read would make of it.
 *
 * @param {AdminEntry} entry
 * @param {number} nowMs
 * @returns {HTMLElement[]}
 */
export function viewOf(entry, nowMs) {
  const { outlook, near, far, persistent, value } = entry;
  return [
    make('p', { class: 'outlook', 'data-kind': outlook.kind }, outlookOf(outlook)),
    make(
      'div',
      { class: 'tiers' },
      tier('The entry', generalOf(entry, nowMs), []),
      tier('In this process', nearFacts(near), stampsOf(near)),
      tier('In Redis', farFacts(far), stampsOf(far)),
      ...(persistent ? [tier('In the persistent store', persistentFacts(persistent), [])] : []),
    ),
    ...(value === undefined ? [] : [valueView(value)]),
  ];
}

/** @param {ReadOutlook} outlook */
function outlookOf(outlook) {
  switch (outlook.kind) {
    case 'hit': {
      const after = outlook.refreshes ? ', and refreshes it behind the answer' : '';
      return `A read hits: ${TIERS[outlook.tier]} answers${after}.`;
    }
    case 'stale':
      return `A read is answered from ${TIERS[outlook.tier]} within its grace, and refreshes it.`;
    case 'bypass':
      return outlook.reason === 'off'
        ? 'A read goes past the cache, which is not used for this tenant.'
        : 'A read goes past the cache, which is in shadow mode.';
    case 'join':
      return 'A read waits for what is under way in this process.';
    case 'miss': {
      const then = outlook.then === 'load' ? 'loads it' : 'waits for the process that loads it';
      return `A read misses, for ${REASONS[outlook.reason] ?? outlook.reason}; it ${then}.`;
    }
  }
}

/** @param {AdminEntry} entry @param {number} nowMs @returns {Fact[]} */
function generalOf({ entry, lease, flights, lastInvalidation, bus }, nowMs) {
  /** @type {Fact[]} */
  const all = [
    ['Tenant', tenantName(entry.tenant)],
    ['Cache', `${entry.cache}, version ${entry.version}`],
    ['Key in Redis', entry.redisKey],
    ['Under way here', String(flights)],
    ['Bus', bus],
  ];
  if (lease) {
    const holder = lease.ours ? 'this process' : 'another process';
    all.push(['Lease', `${holder}, for ${latency(lease.leftMs)} more`]);
  }
  if (lastInvalidation) {
    const { level, by, atMs } = lastInvalidation;
    const how = level === 'entry' ? '' : `, with its ${level}`;
    all.push(['Last evicted', `${time(atMs, nowMs)} by ${by}${how}`]);
  }
  return all;
}

/** @param {NearExplanation} near @returns {Fact[]} */
function nearFacts(near) {
  switch (near.kind) {
    case 'off':
      return [['State', 'not used for this cache']];
    case 'absent':
      return [['State', 'not there']];
    case 'entry':
      return [['State', near.state], ...ageOf(near), ['Size', bytes(near.bytes)]];
  }
}

/** @param {FarExplanation} far @returns {Fact[]} */
function farFacts(far) {
  switch (far.kind) {
    case 'off':
      return [['State', 'no Redis is set up']];
    case 'away':
      return [['State', 'Redis is away']];
    case 'absent':
      return [['State', 'not there']];
    case 'refused':
      return [['State', `refused: ${far.reason}`]];
    case 'undecodable':
      return [
        ['State', `no entry: ${far.reason}`],
        ['Size', bytes(far.bytes)],
      ];
    case 'newer':
      return [
        ['State', `written in format ${far.formatVersion}`],
        ['Size', bytes(far.bytes)],
      ];
    case 'entry': {
      const how = far.compressed ? `${far.codec.name}, compressed` : far.codec.name;
      return [['State', far.state], ...ageOf(far), ['Size', `${bytes(far.bytes)}, ${how}`]];
    }
  }
}

/** @param {PersistentExplanation} persistent @returns {Fact[]} */
function persistentFacts(persistent) {
  switch (persistent.kind) {
    case 'away':
      return [['State', 'the store is away']];
    case 'behind':
      return [['State', 'the store lacks evictions, and is not looked into until it has them']];
    case 'absent':
      return [['State', 'not there']];
    case 'undecodable':
      return [
        ['State', 'no entry'],
        ['Size', bytes(persistent.bytes)],
      ];
    case 'newer':
      return [
        ['State', 'written in a later format'],
        ['Size', bytes(persistent.bytes)],
      ];
    case 'entry':
      return [
        ['State', 'fresh'],
        ['Fresh for', duration(persistent.ttlLeftMs)],
        ['Size', bytes(persistent.bytes)],
      ];
  }
}

/** @param {EntryAge} age @returns {Fact[]} */
function ageOf({ ageMs, ttlLeftMs, graceLeftMs, refreshDue }) {
  const fresh = ttlLeftMs > 0 ? duration(ttlLeftMs) : 'not any more';
  return [
    ['Age', duration(ageMs)],
    ['Fresh for', refreshDue ? `${fresh}, refresh due` : fresh],
    ['Grace after that', graceLeftMs > 0 ? duration(graceLeftMs) : 'none'],
  ];
}

/** @param {NearExplanation | FarExplanation} tier @returns {readonly StampExplanation[]} */
function stampsOf(tier) {
  return tier.kind === 'entry' ? tier.stamps : [];
}

/** @param {string} title @param {readonly Fact[]} pairs @param {readonly StampExplanation[]} stamps */
function tier(title, pairs, stamps) {
  const all = stamps.map(({ level, tag, holds }) => {
    const name = tag === undefined ? level : `${level} ${tag}`;
    if (holds === undefined) return `${name}: may have changed`;
    return `${name}: ${holds ? 'holds' : 'has changed'}`;
  });
  /** @type {readonly Fact[]} */
  const shown = all.length > 0 ? [...pairs, ['Stamps', all.join('; ')]] : pairs;
  return make(
    'section',
    {},
    make('h3', {}, title),
    make('dl', { class: 'facts' }, ...facts(shown)),
  );
}

/** @param {AdminValue | null} value */
function valueView(value) {
  const text =
    value === null
      ? 'No fresh one.'
      : value.kind === 'json'
        ? JSON.stringify(value.json, undefined, 2)
        : value.text;
  return make(
    'section',
    {},
    make('h3', {}, 'Value'),
    make('pre', { tabindex: 0, role: 'region', 'aria-label': 'Value' }, text),
  );
}
