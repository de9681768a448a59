import type { InfoReply } from '../connection/info-reply.js';
import { foundBy, type Check, type Finding } from './finding.js';

const found = foundBy('persistence');

/** What a restart brings back, and what writing to disk costs. */
export const checkPersistence: Check = ({ servers, settings }) =>
  servers.flatMap((info) => [
    ...failures(info),
    ...restart(info, settings),
    ...cost(info, settings),
  ]);

function failures(info: InfoReply): Finding[] {
  const findings: Finding[] = [];
  if (info.get('rdb_last_bgsave_status') === 'err') {
    findings.push(
      found(
        'error',
        'the last snapshot failed: Redis refuses writes, unless told otherwise',
        'Look into its log: disk, rights, memory. Or switch snapshots off: CONFIG SET save "".',
      ),
    );
  }
  if (info.get('aof_last_write_status') === 'err') {
    findings.push(
      found(
        'error',
        'the append-only file cannot be written',
        'Look into its log: disk and rights.',
      ),
    );
  }
  return findings;
}

function restart(info: InfoReply, settings: ReadonlyMap<string, string>): Finding[] {
  if (info.get('aof_enabled') === '1') {
    return [
      found(
        'ok',
        'append-only file: a restart brings back what was evicted in the last second at most, and applications evict that again',
      ),
    ];
  }
  const save = settings.get('save');
  if (save === undefined)
    return [found('info', 'whether it takes snapshots, the server does not tell')];
  if (save === '') return [found('ok', 'no snapshots: a restart begins empty, which a cache may')];
  return [
    found(
      'warning',
      `snapshots alone (save ${save}): a restart brings back entries that were evicted since the last one, and applications evict again those of the last minute only`,
      'Switch snapshots off (save "") where the server is for the cache alone, or the append-only file on.',
    ),
  ];
}

function cost(info: InfoReply, settings: ReadonlyMap<string, string>): Finding[] {
  if (info.get('aof_enabled') !== '1' || settings.get('appendfsync') !== 'always') return [];
  return [
    found(
      'warning',
      'appendfsync always: every write waits for the disk',
      'Set appendfsync to everysec; a cache needs no more.',
    ),
  ];
}
