import { failureKind, failureReason } from '../connection/failure-kind.js';
import { lackingPermission } from '../connection/permissions.js';
import { FarDeniedError } from '../errors/far-tier.error.js';
import { assertAccess } from '../stores/access-check.js';
import { foundBy, type Check, type Finding, type Subject } from './finding.js';

const found = foundBy('permissions');

/** Whether the user of Redis may do what the cache does. */
export const checkAccess: Check = async (subject) => {
  const findings = [await scripts(subject), await scan(subject)];
  return findings.flat();
};

async function scripts({ session: { connection, keys } }: Subject): Promise<Finding[]> {
  try {
    await assertAccess(connection, keys.probe('validate'), keys.territory());
    return [found('ok', 'scripts, and every command that they run')];
  } catch (error) {
    if (error instanceof FarDeniedError) {
      return [
        found(
          'error',
          'the cache goes on without Redis for want of them',
          `Grant the user ${error.grant}.`,
        ),
      ];
    }
    if (failureKind(error) !== 'refused') throw error;
    return [
      found('error', `scripts cannot be run: ${failureReason(error)}`, 'See the log of Redis.'),
    ];
  }
}

async function scan({ session: { connection, keys } }: Subject): Promise<Finding[]> {
  try {
    await connection.run((client) =>
      (client.nodes?.('master')[0] ?? client).scanBuffer('0', 'MATCH', keys.probe('*'), 'COUNT', 1),
    );
    return [];
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    const lacking = lackingPermission(error, keys.territory()) ?? '+scan';
    return [
      found(
        'warning',
        'no SCAN: evicting by pattern evicts all of the tenant, and erasing a tenant fails',
        `Grant the user ${lacking}.`,
      ),
    ];
  }
}
