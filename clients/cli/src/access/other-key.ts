import type { Context } from '../context.ts'
import { readAccount } from '../economy/escrow.ts'
import type { System } from '../economy/system.ts'
import type { FoundDeposit } from './deposit-place.ts'
import type { KeyFile } from './key-file.ts'
import { listKeys } from './key-store.ts'

/** What to do when the chain names another key for a deposit than the one a token was asked for. */
export async function otherKeyAdvice(
  context: Context,
  { system, key }: { system: System; key: KeyFile },
  deposit: FoundDeposit,
): Promise<string> {
  const { keyCommitment } = await readAccount(system, system.assets[deposit.asset], deposit.account)
  const { asset, transactionHash } = deposit
  const named = listKeys(context).keys.find(({ commitment }) => commitment === keyCommitment)
  const useNamed =
    named === undefined
      ? 'no key in your folder has that hash: it is in another folder (MOORING_HOME), on another machine, or lost'
      : `that is your key ${named.name}: \`npx mooring token request --key ${named.name} --transaction ${transactionHash}\` gets its token`
  return `On chain the account names the key ${keyCommitment}, and ${key.name} is ${key.commitment}. Either go on with the one that is named: ${useNamed}. Or have the chain name ${key.name}, which ends the tokens of the other one: \`npx mooring escrow key ${key.commitment} --asset ${asset}\`, wait until enough blocks are on top of it, and ask again.`
}
