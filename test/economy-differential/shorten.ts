/**
 * A shorter list that still fails: leaves out halves, then ever smaller parts, as long as there are tries.
 *
 * @param fails - Whether a list without some of its members does.
 */
export async function shortened<T>(
  list: readonly T[],
  fails: (shorter: readonly T[]) => Promise<boolean>,
  triesMax: number,
): Promise<readonly T[]> {
  let shortest = list
  let tries = 0
  for (let size = list.length >> 1; size > 0; size >>= 1) {
    // From the end: what comes first is what most of the rest builds on.
    for (let start = shortest.length - size; start >= 0; start -= size) {
      if (tries++ === triesMax) return shortest
      const shorter = shortest.toSpliced(start, size)
      if (await fails(shorter)) shortest = shorter
    }
  }
  return shortest
}
