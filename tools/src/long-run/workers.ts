/**
 * Does the items in their order, some at a time. No new one is begun once the time is over; what runs is finished.
 *
 * @param work - Is told which worker does it, counted from 0.
 */
export async function workThrough<Item>(
  items: readonly Item[],
  { workers, isOver }: { workers: number; isOver: () => boolean },
  work: (item: Item, worker: number) => Promise<void>,
): Promise<void> {
  let next = 0
  async function workOn(worker: number): Promise<void> {
    while (next < items.length && !isOver()) {
      const item = items[next++]
      if (item !== undefined) await work(item, worker)
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => workOn(worker)))
}
