/** What the process ends with. Scripts go by these, so none of them ever changes its meaning. */
export const EXIT = {
  /** Done, and all is well. */
  ok: 0,
  /** It was not done, or not to its end: refused by Redis, declined, or a fault of this program. */
  failed: 1,
  /** The command line cannot be used as given. Nothing was done. */
  usage: 2,
  /** Redis, or an address given to read from, cannot be reached. */
  away: 3,
  /** Redis answers, and something is wrong that has to be put right. */
  unwell: 4,
  /** Redis answers, and there is something to improve. */
  warnings: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
