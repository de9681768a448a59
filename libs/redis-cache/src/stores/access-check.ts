import { lackingPermission, type Territory } from '../connection/permissions.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { Script } from '../connection/script-runner.js';
import { FarDeniedError } from '../errors/far-tier.error.js';

// Every command that a script here runs, but PUBLISH, without which others are merely not told; MGET is
// also what entries are read by. What fails for another reason, for want of memory say, does not
// count here.

/** Names the commands that the user may not run. */
const CHECK_ACCESS = new Script(
  'check-access',
  `
local key = KEYS[1]
local commands = {
  { 'TIME' }, { 'SET', key, '', 'PX', '1000' }, { 'GET', key }, { 'MGET', key }, { 'EXISTS', key },
  { 'GETRANGE', key, '0', '0' }, { 'PTTL', key }, { 'PEXPIRE', key, '1000' }, { 'APPEND', key, '' },
  { 'DEL', key }, { 'UNLINK', key },
}
local denied = {}
for _, command in ipairs(commands) do
  local reply = redis.pcall(unpack(command))
  local err = type(reply) == 'table' and reply.err
  if err and (string.find(err, 'executing the script') or string.find(err, 'ACL failure') or string.find(err, 'NOPERM')) then
    denied[#denied + 1] = string.lower(command[1])
  end
end
return denied
`,
  1,
);

/**
 * Finds out whether the user of Redis may do what the scripts do, before anything relies on it.
 *
 * @throws {FarDeniedError} naming what to grant
 */
export async function assertAccess(
  connection: Pick<RedisConnection, 'update'>,
  key: string,
  territory: Territory,
): Promise<void> {
  let denied: readonly string[];
  try {
    const reply = await connection.update((client) => CHECK_ACCESS.run(client, [key], []));
    denied = (reply as unknown[]).map(String);
  } catch (error) {
    const lacking = lackingPermission(error, territory);
    throw lacking === undefined ? error : new FarDeniedError(lacking);
  }
  if (denied.length > 0) throw new FarDeniedError(denied.map((name) => `+${name}`).join(' '));
}
