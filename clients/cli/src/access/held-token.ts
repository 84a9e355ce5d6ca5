import type { AccessToken } from '@mooring/protocol/access/token'
import { parseToken } from '@mooring/protocol/access/token'
import { CommandError } from '../exit-codes.ts'
import type { KeyFile } from './key-file.ts'

/** The token that is kept beside a key, taken apart. Refuses a key without one. */
export function heldTokenOf(key: KeyFile): { raw: string; token: AccessToken } {
  const { name, token: held } = key
  if (held === undefined) {
    throw new CommandError(
      'badInput',
      `The key ${name} has no token yet: \`npx mooring token request --key ${name} --transaction HASH\` gets one.`,
    )
  }
  const parsed = parseToken(held.raw)
  if (parsed.ok) return { raw: held.raw, token: parsed.token }
  throw new CommandError(
    'badInput',
    `What is kept as the token of ${name} is none: ask for it again with \`npx mooring token request --key ${name} --transaction ${held.transactionHash}\`.`,
  )
}

/** What the token that is kept is worth, in a few words. */
export function heldStateOf({ token: held }: KeyFile): string {
  if (held === undefined) return 'none'
  const parsed = parseToken(held.raw)
  if (!parsed.ok) return 'damaged'
  const { stage, exp } = parsed.token.claims
  const until = new Date(exp * 1_000).toISOString().slice(0, 16).replace('T', ' ')
  return exp * 1_000 <= Date.now() ? `expired ${until} UTC` : `${stage}, until ${until} UTC`
}
