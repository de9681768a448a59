/** Work that throws before it is under way fails as work that was. */
export function begin<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    const reason = error as Error;
    return Promise.reject(reason);
  }
}
