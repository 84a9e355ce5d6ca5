/** The part of a CPU profile that is read here, as Bun writes it. */
export type CpuProfile = {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
    children?: number[] | undefined
  }[]
  /** The node that was running, for each sample. */
  samples: number[]
  /** Microseconds from the sample before, for each sample. */
  timeDeltas: number[]
}

export type SelfTime = { place: string; percent: number }

type ProfileNode = CpuProfile['nodes'][number]

/**
 * Where a program was, by function, most first: the part of the samples in which it was the innermost one.
 * What is built into Bun has no place of its own, so it is told by who called it.
 *
 * @param options.root - URL of the folder that places are written from.
 * @param options.fromMs - Samples before this are left out, such as those of the start.
 */
export function selfTimesOf(
  { nodes, samples, timeDeltas }: CpuProfile,
  { root, fromMs }: { root: string; fromMs: number },
): SelfTime[] {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node])))
  const places = new Map(nodes.map((node) => [node.id, placeOf(node, { root, parents })]))
  const counts = new Map<string, number>()
  let atMs = 0
  let counted = 0
  for (const [index, node] of samples.entries()) {
    atMs += (timeDeltas[index] ?? 0) / 1_000
    if (atMs < fromMs) continue
    counted++
    const place = places.get(node) ?? '(unknown)'
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  return [...counts]
    .map(([place, count]) => ({ place, percent: (100 * count) / counted }))
    .sort((a, b) => b.percent - a.percent)
}

function placeOf(
  node: ProfileNode,
  { root, parents }: { root: string; parents: ReadonlyMap<number, ProfileNode> },
): string {
  if (isOurs(node)) return nameOf(node, root)
  let caller = parents.get(node.id)
  while (caller !== undefined && !isOurs(caller)) caller = parents.get(caller.id)
  const own = node.callFrame.functionName === '' ? '(native)' : node.callFrame.functionName
  return caller === undefined ? own : `${own} in ${nameOf(caller, root)}`
}

function isOurs({ callFrame }: ProfileNode): boolean {
  return callFrame.url !== ''
}

function nameOf({ callFrame }: ProfileNode, root: string): string {
  const { functionName, url, lineNumber } = callFrame
  const file = url.startsWith(root) ? url.slice(root.length) : url
  return `${functionName === '' ? '(anonymous)' : functionName} ${file}:${lineNumber + 1}`
}
