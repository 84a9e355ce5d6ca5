import { type Address, type Hex, keccak256, recoverTypedDataAddress, toBytes } from 'viem'
import type { Deployment } from './deployment.ts'
import type { SignedEndpoint } from './node-metadata.ts'
import { endpointData } from './signed.ts'

/** Stands in a node's URL for the name of the chain that is asked, so that one URL serves several. */
const chainPlace = '{chain}'

/**
 * A node's URL in the one form that is signed and hashed.
 *
 * @returns Undefined for what is no http, https or WebSocket URL.
 */
export function endpointUrlOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^(https?|wss?):$/.test(url.protocol)) return undefined
  // The place of a chain's name is kept readable, which a URL would escape.
  return url.href.replaceAll('%7Bchain%7D', chainPlace)
}

/** Where a node takes requests for one of its chains. */
export function urlForChain(endpoint: string, chain: string): string {
  return endpoint.replaceAll(chainPlace, chain)
}

/** What the chain keeps of a node's URL. */
export function urlHashOf(url: string): Hex {
  return keccak256(toBytes(url))
}

/**
 * Why a signed endpoint is not the node's; undefined where it is.
 *
 * @returns A clause about the endpoint, such as `its URL has another hash than the chain has`.
 */
export async function endpointProblem(
  deployment: Deployment,
  { signature, ...said }: SignedEndpoint,
  { signingKey, urlHash }: { signingKey: Address; urlHash: Hex },
): Promise<string | undefined> {
  if (urlHashOf(said.url) !== urlHash) return 'its URL has another hash than the chain has'
  const data = endpointData(deployment, said)
  try {
    const signer = await recoverTypedDataAddress({ ...data, signature })
    if (signer === signingKey) return undefined
  } catch {
    // Told below: bytes that are no signature were signed by nobody.
  }
  return 'its signature is not by the key of the node'
}
