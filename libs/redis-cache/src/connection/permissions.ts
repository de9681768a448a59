/** What an ACL rule has to name for this library: its keys and its channels. */
export interface Territory {
  /** Pattern of the keys, e.g. `crm:*`. */
  readonly keys: string;
  /** Patterns of the channels. */
  readonly channels: readonly string[];
}

const REFUSED_COMMAND = /run the '([^' ]+)' command/;

/**
 * The rules that the user of Redis has to be given for what was refused, as `ACL SETUSER` takes them.
 * Every version words its refusals in its own way; what is not understood is not guessed.
 *
 * @returns undefined where the failure is no lack of permission
 */
export function lackingPermission(error: unknown, territory: Territory): string | undefined {
  if (!(error instanceof Error) || !/\bNOPERM\b/.test(error.message)) return undefined;
  const command = REFUSED_COMMAND.exec(error.message)?.[1]?.toLowerCase();
  if (command !== undefined) {
    return command === 'eval' || command === 'evalsha' ? '+eval +evalsha' : `+${command}`;
  }
  if (/\bchannels?\b/.test(error.message)) {
    return territory.channels.map((channel) => `&${channel}`).join(' ');
  }
  return /\bkeys?\b/.test(error.message) ? `~${territory.keys}` : undefined;
}
