/** Stands for what is not known. */
const UNKNOWN = '–';

/** How numbers are shown: a figure that is not known as a dash, never as 0. */
export function count(value: number | undefined): string {
  return value === undefined ? UNKNOWN : Math.round(value).toLocaleString('en-US');
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in steps of 1,000: `12.3 MB`. */
export function bytes(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  let amount = value;
  let unit = 0;
  while (amount >= 999.5 && unit < BYTE_UNITS.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(amount) : short(amount)} ${BYTE_UNITS[unit]}`;
}

/** `0.42 ms`, `12.3 ms`, `4.2 s`, `3 min`, `5 h`, `2 d`. */
export function span(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN;
  if (ms < 1_000) return `${short(ms)} ms`;
  if (ms < 60_000) return `${short(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** A share of 1: `97.3 %`. */
export function percent(share: number | undefined): string {
  return share === undefined ? UNKNOWN : `${(share * 100).toFixed(1)} %`;
}

/** So many a second. */
export function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? UNKNOWN : `${short(perSecond)}/s`;
}

/** A part of a whole; undefined where there is none. */
export function shareOf(part: number | undefined, rest: number | undefined): number | undefined {
  if (part === undefined || rest === undefined || part + rest === 0) return undefined;
  return part / (part + rest);
}

/** Three figures or so. */
function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
