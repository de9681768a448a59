/** Joins two records of numbers, which may stand in records again, number by number. */
export function combined<T extends object>(a: T, b: T, join: (a: number, b: number) => number): T {
  const pairs = Object.entries(a).map(([name, value]: [string, number | object]) => {
    const other = b[name as keyof T] as number | object;
    const joined =
      typeof value === 'number'
        ? join(value, other as number)
        : combined(value, other as object, join);
    return [name, joined] as const;
  });
  return Object.fromEntries(pairs) as T;
}

/** The sum of all numbers in a record. */
export function totalOf(counts: object): number {
  let total = 0;
  for (const value of Object.values(counts) as (number | object)[]) {
    total += typeof value === 'number' ? value : totalOf(value);
  }
  return total;
}
