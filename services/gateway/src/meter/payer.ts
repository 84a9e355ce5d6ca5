import type { Cell } from './cells.ts'
import type { Purse } from './purse.ts'

/** Whom the requests of a caller are counted for, and who pays for them. */
export type Payer = {
  /** As CAIP-10; null for whoever pays nothing: the community, and keys of the configuration. */
  readonly account: string | null
  /** Id of a project's key, or name of a key of the configuration; `''` for the community, access keys and tokens. */
  readonly key: string
  /** Whether the key has a limit of its own, and therefore a purse. */
  readonly ownPurse: boolean
  /** Found when it is first asked for. */
  purse: Purse | undefined
  /** By chain, method and status; filled as they are asked for. */
  cells: Map<string, Map<string, Map<string, Cell>>> | undefined
}

/** With all its members from the start, as the paths of all requests read them. */
export function createPayer({
  account,
  key,
  ownPurse,
}: Pick<Payer, 'account' | 'key' | 'ownPurse'>): Payer {
  return { account, key, ownPurse, purse: undefined, cells: undefined }
}
