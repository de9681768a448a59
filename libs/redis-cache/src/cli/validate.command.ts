import { askSettings } from '../connection/server-settings.js';
import { checkAccess } from './access.check.js';
import { checkBus } from './bus.check.js';
import type { CommandRun } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { SEVERITIES, type Check, type Finding, type Severity } from './finding.js';
import { infoOf } from './servers.js';
import { checkLatency } from './latency.check.js';
import { checkLeases } from './lease.check.js';
import { checkMemory } from './memory.check.js';
import { checkPersistence } from './persistence.check.js';
import { checkServer } from './server.check.js';
import { checkTopology } from './topology.check.js';
import { checkTransport } from './transport.check.js';
import { progressOf } from './progress.js';
import type { ValidateReport } from './validate.report.js';
import { validateView } from './validate.view.js';

export type ValidateFlags = object;

const CHECKS: readonly (readonly [name: string, Check])[] = [
  ['server', checkServer],
  ['transport', checkTransport],
  ['permissions', checkAccess],
  ['leases', checkLeases],
  ['bus', checkBus],
  ['memory', checkMemory],
  ['persistence', checkPersistence],
  ['topology', checkTopology],
  ['latency', checkLatency],
];

const SETTINGS = ['save', 'appendfsync', 'timeout'];

const EXIT_CODES: Readonly<Record<Severity, ExitCode>> = {
  ok: EXIT.ok,
  info: EXIT.ok,
  warning: EXIT.warnings,
  error: EXIT.unwell,
};

export const validate: CommandRun<ValidateFlags> = async (context) => {
  const report = await context.withSession(async (session): Promise<ValidateReport> => {
    const { client, connection, target } = session;
    const servers = await infoOf(session);
    const [server] = 'nodes' in client ? client.nodes('master') : [client];
    const settings = server
      ? await connection.run(() => askSettings(server, SETTINGS))
      : new Map<string, string>();
    const progress = progressOf(context);
    const findings: Finding[] = [];
    // One after the other: the last of them measures.
    for (const [i, [name, check]] of CHECKS.entries()) {
      progress.bar(i, CHECKS.length, name);
      findings.push(...(await check({ session, servers, settings })));
    }
    progress.end();
    return { redis: target.name, prefix: target.prefix, severity: gravest(findings), findings };
  });
  context.printer.report(report, validateView);
  return EXIT_CODES[report.severity];
};

function gravest(findings: readonly Finding[]): Severity {
  const ranks = findings.map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[Math.max(0, ...ranks)] ?? 'ok';
}
