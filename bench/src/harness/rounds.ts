/**
 * Measures each thing once, then each once more (A B C A B C …), so that whatever slows the machine down
 * for a while falls on all of them alike.
 *
 * @returns What was measured of each, in the order of the rounds.
 */
export async function inRounds<Thing, Measured>(
  things: readonly Thing[],
  rounds: number,
  measure: (thing: Thing, round: number) => Promise<Measured>,
): Promise<Map<Thing, Measured[]>> {
  const measured = new Map<Thing, Measured[]>(things.map((thing) => [thing, []]))
  for (let round = 0; round < rounds; round++) {
    for (const thing of things) measured.get(thing)?.push(await measure(thing, round))
  }
  return measured
}
