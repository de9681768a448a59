import { isTooOld, serverOf } from '../connection/server-info.js';
import { count } from './figures.js';
import { foundBy, type Check, type Finding, type Subject } from './finding.js';

const found = foundBy('server');
/** Of the connections that a server takes; each process of an application needs two. */
const MANY_CLIENTS = 0.8;

/** What the server is, and whether there is room for more processes. */
export const checkServer: Check = (subject) => {
  const [info] = subject.servers;
  if (!info) {
    return [
      found(
        'info',
        'what it is, and how full, this user may not ask',
        'Grant it +info, so that this and redisStats() can tell.',
      ),
    ];
  }
  return [version(subject), ...subject.servers.flatMap(clientsOf), ...idle(subject)];
};

function version({ servers: [info] }: Subject): Finding {
  const server = info && serverOf(info);
  if (!server) return found('info', 'does not say what it is');
  const name = `${server.name} ${server.version}`;
  if (!isTooOld(server)) return found('ok', name);
  return found(
    'error',
    `${name} is older than Redis 6.0, which the cache is made for`,
    'Upgrade it.',
  );
}

function clientsOf(info: Subject['servers'][number]): Finding[] {
  const [clients, limit] = [Number(info.get('connected_clients')), Number(info.get('maxclients'))];
  const rejected = Number(info.get('rejected_connections') ?? 0);
  const findings: Finding[] = [];
  if (clients >= MANY_CLIENTS * limit) {
    findings.push(
      found(
        'warning',
        `${count(clients)} of ${count(limit)} connections in use`,
        'Raise maxclients: each process of an application takes two.',
      ),
    );
  } else if (limit > 0) {
    findings.push(found('ok', `${count(clients)} of ${count(limit)} connections in use`));
  }
  if (rejected > 0) {
    findings.push(
      found(
        'warning',
        `${count(rejected)} connections were refused since its start`,
        'Raise maxclients.',
      ),
    );
  }
  return findings;
}

function idle({ settings }: Subject): Finding[] {
  const seconds = Number(settings.get('timeout') ?? 0);
  if (!(seconds > 0)) return [];
  return [
    found(
      'info',
      `connections that are idle for ${seconds} s are closed: an outage of a moment each time`,
      'Set timeout to 0; dead ones are found by tcp-keepalive.',
    ),
  ];
}
