/** A member of a value: names of members and numbers of items, from the outside in. */
export type Path = readonly PropertyKey[]

/** `chains.eth.upstreams[0].url` */
export function textOf(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

/** Members of an object or items of a list; of anything else there are none. */
export function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** @returns Undefined where there is nothing. */
export function valueAt(whole: unknown, path: Path): unknown {
  let value = whole
  for (const part of path) value = membersOf(value).find(([name]) => name === String(part))?.[1]
  return value
}
