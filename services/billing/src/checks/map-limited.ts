/** As `Promise.all` of a map, with so many under way at once. In order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  atOnceMax: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += atOnceMax) {
    results.push(...(await Promise.all(items.slice(at, at + atOnceMax).map(work))))
  }
  return results
}
