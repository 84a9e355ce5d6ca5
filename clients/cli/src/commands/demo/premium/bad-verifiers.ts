import { parseDepositName } from '@mooring/protocol/access/names'
import { exchange, isRecord, parseJson } from '../../../http.ts'
import { assertPremium, endpointFor } from './ask-gateway.ts'
import type { DemoVerifier } from './network.ts'
import { answerIn, assertShown, type Stage } from './stage.ts'
import { fetchFaults, steer } from './steering.ts'

/** Whoever does not answer on this machine by then is stopped. */
const silenceMs = 300

/** One verifier is stopped where it stands, and asked first all the same. It goes on afterwards. */
export async function whileOneIsStopped(stage: Stage, transaction: string): Promise<string> {
  const [stopped] = stage.network.verifiers
  assertShown(stopped !== undefined, 'there is no verifier')
  process.kill(stopped.pid, 'SIGSTOP')
  try {
    const health = `${stopped.url}/health`
    const greeted = await exchange(stage.context, health, { timeoutMs: silenceMs })
    assertShown(!greeted.ok, 'a stopped verifier answers')
    const said = await newToken(stage, { first: stopped, transaction })
    assertShown(!said.includes(`${stopped.url} gave`), 'a stopped verifier was waited for')
  } finally {
    process.kill(stopped.pid, 'SIGCONT')
  }
  return 'two of three gave a token; it is running again'
}

/**
 * Both nodes of one verifier say that deposits are twice what they are, so that it believes and signs what is not so.
 * What was wrong with the nodes before is wrong again afterwards.
 */
export async function whileOneLies(stage: Stage, transaction: string): Promise<string> {
  const liar = stage.network.verifiers.at(-1)
  assertShown(liar !== undefined && liar.nodes.length > 0, 'there is no verifier with nodes')
  const { dep } = await claimsOf(stage)
  const amount = await attestedBy(stage, liar, dep)
  const before = await Promise.all(liar.nodes.map((node) => fetchFaults(stage, node)))
  try {
    for (const node of liar.nodes) await steer(stage, node, { lie: 'amounts' })
    const claimed = await attestedBy(stage, liar, dep)
    assertShown(claimed === amount * 2n, 'the verifier that is lied to does not lie')
    const said = await newToken(stage, { first: liar, transaction })
    assertShown(said.includes(`${liar.url} gave no token`), 'a lying verifier gave a token')
  } finally {
    for (const [at, node] of liar.nodes.entries()) await steer(stage, node, before[at] ?? {})
  }
  return 'it signs twice the deposit and gets no token through; the next one gives a true one'
}

/** Gets another token for the main key, from a list that begins with one verifier. @returns What was said. */
async function newToken(
  stage: Stage,
  { first, transaction }: { first: DemoVerifier; transaction: string },
): Promise<string> {
  const { verifiers } = stage.network
  const before = await claimsOf(stage)
  const urls = [first, ...verifiers.filter((one) => one !== first)].map(({ url }) => url)
  const args = ['token', 'request', '--key', 'main', '--transaction', transaction]
  const { stderr } = await stage.mooring(args, { MOORING_VERIFIERS: urls.join(',') })
  assertShown((await claimsOf(stage)).jti !== before.jti, 'the token is the one of before')
  await assertPremium(stage, { url: await endpointFor(stage, 'main') })
  return stderr
}

async function claimsOf(stage: Stage): Promise<{ jti: string; dep: string }> {
  const { claims } = answerIn(await stage.mooring(['token', 'show', 'main', '--json']))
  assertShown(isRecord(claims), 'a token says nothing')
  return { jti: String(claims.jti), dep: String(claims.dep) }
}

/** The amount that one verifier attests of a deposit. */
async function attestedBy(
  { context }: Stage,
  { url }: DemoVerifier,
  deposit: string,
): Promise<bigint> {
  const place = parseDepositName(deposit)
  assertShown(place !== undefined, 'a token rests on no deposit')
  const { transactionHash, logIndex } = place
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ transactionHash, logIndex }),
  }
  const reply = await exchange(context, `${url}/v1/attestations`, { init })
  const facts = reply.ok ? parseJson(reply.text) : undefined
  const amount = isRecord(facts) ? facts.amount : undefined
  assertShown(
    typeof amount === 'string',
    `a verifier attested nothing: ${reply.ok ? reply.text : reply.detail}`,
  )
  return BigInt(amount)
}
