import { count } from './figures.js';
import { foundBy, type Check, type Finding, type Subject } from './finding.js';

const found = foundBy('topology');
const FEWEST_SENTINELS = 3;

/** What takes over when a server fails. */
export const checkTopology: Check = (subject) => {
  const { kind, hosts } = subject.session.target;
  const findings = replicas(subject);
  if (kind === 'sentinel' && hosts.length < FEWEST_SENTINELS) {
    findings.push(
      found(
        'info',
        `${count(hosts.length)} sentinel named`,
        'Name all of them in the application, three at least, so that one may be down when it starts.',
      ),
    );
  }
  return findings;
};

function replicas({ session: { target }, servers }: Subject): Finding[] {
  const counts = servers.map((info) => Number(info.get('connected_slaves') ?? 0));
  const without = counts.filter((replicaCount) => replicaCount === 0).length;
  const masters = `${count(counts.length)} ${counts.length === 1 ? 'master' : 'masters'}`;
  if (counts.length === 0) return [];
  if (without === 0) return [found('ok', `${masters}, with ${counts.join(', ')} replicas in step`)];
  if (target.kind === 'server') {
    return [
      found(
        'info',
        'one server: while it is away, applications answer from memory and their own methods',
      ),
    ];
  }
  return [
    found(
      'warning',
      `${count(without)} of ${masters} without a replica: nothing takes over when it fails`,
      'Give each master a replica.',
    ),
  ];
}
