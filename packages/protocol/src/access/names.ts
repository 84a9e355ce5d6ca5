/**
 * Names of things on chains, as the ecosystem writes them: `eip155:1` for a chain, `eip155:1:0x…` for an account.
 *
 * @see CAIP-2 and CAIP-10
 */

const addressText = /^0x[0-9a-f]{40}$/
const hashText = /^0x[0-9a-f]{64}$/
const chainIdText = /^[1-9]\d{0,15}$/

export function chainNameOf(chainId: number): string {
  return `eip155:${chainId}`
}

/** @param address - In either case; the name has lower case, so that one account has one name. */
export function accountNameOf(chainId: number, address: string): string {
  return `${chainNameOf(chainId)}:${address.toLowerCase()}`
}

export type AccountName = { chainId: number; address: string }

/** @returns Undefined for what is no account in the form of `accountNameOf`. */
export function parseAccountName(text: string): AccountName | undefined {
  const [namespace, reference = '', address = '', ...rest] = text.split(':')
  const chainId = parseChainId(reference)
  if (namespace !== 'eip155' || rest.length > 0 || chainId === undefined) return undefined
  return addressText.test(address) ? { chainId, address } : undefined
}

/** One deposit: the event of the contract that took it in. */
export type DepositPlace = { chainId: number; transactionHash: string; logIndex: number }

export function depositNameOf({ chainId, transactionHash, logIndex }: DepositPlace): string {
  return `${chainNameOf(chainId)}/${transactionHash.toLowerCase()}/${logIndex}`
}

/** @returns Undefined for what is no deposit in the form of `depositNameOf`. */
export function parseDepositName(text: string): DepositPlace | undefined {
  const [chain = '', transactionHash = '', index = '', ...rest] = text.split('/')
  const chainId = chain.startsWith('eip155:') ? parseChainId(chain.slice(7)) : undefined
  if (chainId === undefined || rest.length > 0) return undefined
  if (!hashText.test(transactionHash) || !/^(?:0|[1-9]\d{0,8})$/.test(index)) return undefined
  return { chainId, transactionHash, logIndex: Number(index) }
}

/**
 * Who issues tokens: the verifiers of one deployment, named by the escrow that takes deposits in ANKR.
 *
 * @returns The `iss` of their tokens.
 */
export function issuerOf(chainId: number, escrow: string): string {
  return `mooring:${accountNameOf(chainId, escrow)}`
}

function parseChainId(text: string): number | undefined {
  const value = Number(text)
  return chainIdText.test(text) && Number.isSafeInteger(value) ? value : undefined
}
