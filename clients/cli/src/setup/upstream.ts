import type { ChainDefinition } from '@mooring/chains/chain'
import { definitionNamed } from '../chain-names.ts'
import { CommandError } from '../exit-codes.ts'

/** An upstream as it was asked for, before anyone has looked at it. */
export type UpstreamWish = {
  /** Undefined lets the chain id it reports decide. */
  definition: ChainDefinition | undefined
  provider: string
  /** As it will stand in the file, `${VARIABLE}` and all. */
  url: string
  /** The same with its variables filled in. */
  liveUrl: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Names in the configuration: providers and nodes. */
const slug = /^[a-z0-9][a-z0-9_-]{0,31}$/
const variablePattern = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
export const upstreamSyntax = '[CHAIN=][PROVIDER@]URL'

/**
 * Reads `[CHAIN=][PROVIDER@]URL`, such as `eth=acme@https://eth.acme.example/v2`.
 *
 * @param defaults - The chain of an upstream that names none, and the values of its variables.
 * @returns The upstream; without a provider in the text it is derived from the host.
 */
export function parseUpstream(
  text: string,
  defaults: { chain: string | undefined; env: Environment },
): UpstreamWish {
  const parts = /^(?:([^=@:/]*)=)?(?:([^=@:/]*)@)?(https?:\/\/.+)$/.exec(text)
  const [, chain = defaults.chain, provider, url] = parts ?? []
  if (url === undefined || problemOfUrl(url) !== undefined) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(text)} is not an upstream: write ${upstreamSyntax} with an http:// or https:// URL.`,
    )
  }
  const problem = provider === undefined ? undefined : problemOfProvider(provider)
  if (problem !== undefined) throw new CommandError('badInput', `${text}: provider: ${problem}.`)
  return {
    definition: chain === undefined ? undefined : definitionNamed(chain),
    provider: provider ?? providerOf(url),
    url,
    liveUrl: resolveUrl(url, defaults.env),
  }
}

export function problemOfUrl(url: string): string | undefined {
  const { protocol } = URL.parse(withoutVariables(url)) ?? {}
  return protocol === 'http:' || protocol === 'https:' ? undefined : 'an http:// or https:// URL'
}

export function problemOfProvider(name: string): string | undefined {
  return slug.test(name) ? undefined : 'lower case letters, digits, - and _, at most 32'
}

/** Who runs the node, guessed from the host: `eth.acme.example` is run by `acme`, `10.0.0.7` by oneself. */
export function providerOf(url: string): string {
  const { hostname } = new URL(withoutVariables(url))
  const labels = hostname.split('.')
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith('[')
  const label = isAddress ? undefined : labels.at(-2)?.toLowerCase()
  return label !== undefined && slug.test(label) ? label : 'own'
}

/** The URL with `${VARIABLE}` filled in from the environment, as the gateway will read it. */
export function resolveUrl(url: string, env: Environment): string {
  return url.replaceAll(variablePattern, (_, variable: string) => {
    const value = env[variable]
    if (value) return value
    throw new CommandError('badInput', `The variable ${variable} in ${url} is not set.`)
  })
}

/** Enough of a URL to know it again; paths and queries often hold a key. */
export function hostOf(url: string): string {
  return new URL(withoutVariables(url)).host
}

/** A stand-in that parses as the URL will once its variables are filled in. */
function withoutVariables(url: string): string {
  return url.replaceAll(variablePattern, (_, variable: string) => variable)
}
