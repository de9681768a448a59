/** A server that settings are asked of: a client, of a Cluster that of one node. */
export interface SettingsSource {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/**
 * Settings of a server by name, as `CONFIG GET` tells them.
 *
 * @returns none where the user may not ask, or the service does not tell; those that are not known to
 *   the server are missing
 */
export async function askSettings(
  server: SettingsSource,
  names: readonly string[],
): Promise<Map<string, string>> {
  try {
    const replies = await Promise.all(names.map((name) => server.call('CONFIG', 'GET', name)));
    return new Map(replies.flatMap(pairOf));
  } catch {
    return new Map(); // that it does not tell is all that can be said
  }
}

/** A list of name and value; an object where a client maps the replies of RESP3. */
function pairOf(reply: unknown): [string, string][] {
  const pairs = Array.isArray(reply) ? [reply] : Object.entries(reply as object);
  return (pairs as [string?, string?][]).flatMap(([name, value]) =>
    name === undefined ? [] : [[name, value ?? '']],
  );
}
