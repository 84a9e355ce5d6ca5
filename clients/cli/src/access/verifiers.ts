import type { AccessDomain, Quorum } from '@mooring/onchain/access-statements'
import { readPart } from '@mooring/onchain/contracts'
import { signerRoleNames } from '@mooring/onchain/deploy/settings'
import type { Context } from '../context.ts'
import type { System } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'
import { exchange, isRecord, parseJson } from '../http.ts'
import { readNetwork } from '../locations.ts'

export type VerifierOptions = { verifiers?: string }

const variable = 'MOORING_VERIFIERS'
/** Some more than any set has, so that a list is no way to keep this command busy. */
const verifiersMax = 32
/** Whoever takes longer to say who it is comes last. */
const greetingTimeoutMs = 2_000
const depthBlocksMax = 1_000

export const verifierOptions = {
  '--verifiers <urls>': `where verifiers are, parted by commas; else ${variable}, else the local network's`,
} as const

/** Where verifiers answer, without a trailing slash. Whom of them to believe the chain says. */
export function verifierUrls(context: Context, { verifiers }: VerifierOptions): string[] {
  const text = verifiers ?? context.env[variable]
  const urls = text === undefined ? localVerifiers(context) : text.split(',')
  if (urls.length === 0) {
    throw new CommandError(
      'badInput',
      `Nobody said where the verifiers are: name them with --verifiers URL,URL or ${variable}, or start a local network with \`npx mooring up\`.`,
    )
  }
  if (urls.length > verifiersMax) {
    throw new CommandError('badInput', `At most ${verifiersMax} verifiers can be named.`)
  }
  return urls.map(parseUrl)
}

function localVerifiers(context: Context): string[] {
  const economy = readNetwork(context)?.urls.economy
  const urls = isRecord(economy) ? economy.verifiers : undefined
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : []
}

function parseUrl(text: string): string {
  const url = URL.parse(text.trim())
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') {
    return url.href.replace(/\/$/, '')
  }
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is not an http:// or https:// URL of a verifier.`,
  )
}

/** The set of verifiers as the chain has it: what is signed by so many of them is believed. */
export async function readQuorum(system: System): Promise<Quorum> {
  // Roles of signer sets count from 1.
  const role = signerRoleNames.indexOf('verifier') + 1
  const [members, threshold] = await readPart(system, 'signerSets', 'membersOf', [role])
  if (members.length > 0 && threshold > 0) return { members, threshold }
  throw new CommandError('refused', 'The contracts know no verifiers yet, so nobody issues tokens.')
}

export function accessDomainOf({ deployment: { chainId, parts } }: System): AccessDomain {
  return { chainId, ankrEscrow: parts.ankrEscrow }
}

export type Greeted = {
  /** Those who answered come first. */
  urls: string[]
  /** Blocks that have to be on top of a deposit, as most of them have it; undefined when nobody answered. */
  depthBlocks: number | undefined
}

/** Asks all at once who is there, so that nobody waits for those who are not. */
export async function greet(context: Context, urls: readonly string[]): Promise<Greeted> {
  const depths = await Promise.all(
    urls.map(async (url) => {
      const reply = await exchange(context, `${url}/v1/network`, { timeoutMs: greetingTimeoutMs })
      return reply.ok && reply.status === 200 ? depthIn(reply.text) : undefined
    }),
  )
  const known = depths.filter((depth) => depth !== undefined).sort((a, b) => a - b)
  const answered = urls.filter((_, at) => depths[at] !== undefined)
  const silent = urls.filter((_, at) => depths[at] === undefined)
  // The middle one: a liar among several moves it nowhere.
  return { urls: [...answered, ...silent], depthBlocks: known[known.length >> 1] }
}

function depthIn(text: string): number | undefined {
  const value = parseJson(text)
  const depth = isRecord(value) ? value.depthBlocks : undefined
  const isRight = Number.isInteger(depth) && Number(depth) >= 0 && Number(depth) <= depthBlocksMax
  return isRight ? Number(depth) : undefined
}
