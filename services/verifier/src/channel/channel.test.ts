import { beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChannelKeys } from '@mooring/onchain/access-statements'
import type { Clock } from '@mooring/telemetry/clock'
import * as jose from 'jose'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { BadMessage, type Channel, createChannel } from './channel.ts'
import { type Identity, introduce, openIdentity, parseIntroduction } from './identity.ts'

const addresses = [
  '0x1111111111111111111111111111111111111111',
  '0x2222222222222222222222222222222222222222',
  '0x3333333333333333333333333333333333333333',
] as const
const [one, two, three] = addresses

let nowMs = 0
const clock: Clock = {
  wallMs: () => 1_700_000_000_000 + nowMs,
  nowMs: () => nowMs,
  sleep: () => Promise.resolve(),
}
let identities: Map<Address, Identity>
let channels: Map<Address, Channel>

beforeEach(async () => {
  nowMs = 0
  const folder = await mkdtemp(join(tmpdir(), 'mooring-channel-'))
  identities = new Map()
  for (const address of addresses) {
    identities.set(address, await openIdentity(join(folder, address)))
  }
  channels = new Map()
  for (const address of addresses) channels.set(address, await channelOf(address))
  await rm(folder, { recursive: true })
})

const keysOf = async (address: Address): Promise<ChannelKeys | undefined> => {
  const identity = identities.get(address)
  return identity && { sign: identity.sign.x, box: identity.box.x }
}

async function channelOf(address: Address, as: Address = address): Promise<Channel> {
  const identity = identities.get(as)
  if (identity === undefined) throw new Error('nobody')
  return createChannel({ address, identity, clock, keysOf })
}

const at = (address: Address): Channel => {
  const channel = channels.get(address)
  if (channel === undefined) throw new Error('nobody')
  return channel
}

test('a message is read by whom it is for, with its sender and what it answers', async () => {
  const { text, id } = await at(one).seal({ secret: 'share' }, two)
  expect(await at(two).open(text)).toEqual({
    from: one,
    id,
    re: undefined,
    body: { secret: 'share' },
  })
  const answer = await at(two).seal('yes', one, id)
  expect(await at(one).open(answer.text)).toMatchObject({ from: two, re: id, body: 'yes' })
})

test('nobody else reads it, and its text shows nothing of it', async () => {
  const { text } = await at(one).seal({ secret: 'share' }, two)
  expect(at(three).open(text)).rejects.toThrow(BadMessage)
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
  expect(parts.join(' ')).not.toContain('share')
})

test('it counts once', async () => {
  const { text } = await at(one).seal('a', two)
  await at(two).open(text)
  expect(at(two).open(text)).rejects.toThrow('it came before')
})

test('it does not count at another time', async () => {
  const { text } = await at(one).seal('a', two)
  for (const shift of [-31_000, 31_000]) {
    nowMs = shift
    expect(await (await channelOf(two)).open(text).catch((error) => error.message)).toBe(
      'it is of another time',
    )
  }
  nowMs = 29_000
  await at(two).open(text)
})

test('nobody speaks in the name of another', async () => {
  const forger = await channelOf(one, three)
  const { text } = await forger.seal('a', two)
  expect(at(two).open(text)).rejects.toThrow('its signature is not that of its sender')
})

test('what was sealed to one is not passed on to another in the name of its sender', async () => {
  // The receiver opens it, and seals the signed text inside to somebody else.
  const { text } = await at(one).seal('a', two)
  const box = identities.get(two)?.box
  const { plaintext } = await jose.compactDecrypt(text, await jose.importJWK(box ?? {}, 'ECDH-ES'))
  const target = identities.get(three)?.box.x ?? ''
  const passedOn = await new jose.CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'mooring-peer+jwt', skid: one })
    .encrypt(await jose.importJWK({ kty: 'OKP', crv: 'X25519', x: target }, 'ECDH-ES'))
  expect(at(three).open(passedOn)).rejects.toThrow('it is for another')
})

test('a stranger is not heard', async () => {
  identities.delete(one)
  const { text } = await at(one).seal('a', two)
  expect(at(two).open(text)).rejects.toThrow('is no verifier that is known here')
})

test('channel keys are believed under the signature of the key on chain alone', async () => {
  const domain = { chainId: 1, ankrEscrow: three }
  const account = privateKeyToAccount(generatePrivateKey())
  const identity = identities.get(one)
  if (identity === undefined) throw new Error('nobody')
  const [nonce, address] = ['now', account.address]
  const said = await introduce(domain, identity, { account, nonce })
  expect(await parseIntroduction(domain, said, { address, nonce })).toEqual(said.keys)
  expect(await parseIntroduction(domain, said, { address, nonce: 'later' })).toBeUndefined()
  expect(await parseIntroduction(domain, said, { address: two, nonce })).toBeUndefined()
  const other = { ...said, keys: { ...said.keys, box: identities.get(two)?.box.x ?? '' } }
  expect(await parseIntroduction(domain, other, { address, nonce })).toBeUndefined()
  expect(
    await parseIntroduction({ ...domain, chainId: 2 }, said, { address, nonce }),
  ).toBeUndefined()
  for (const value of [null, 1, 'x', {}, []]) {
    expect(await parseIntroduction(domain, value, { address, nonce })).toBeUndefined()
  }
})

test('channel keys are made once, and are for their owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-channel-'))
  const file = join(folder, 'below', 'keys.json')
  const made = await openIdentity(file)
  expect(await openIdentity(file)).toEqual(made)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await rm(folder, { recursive: true })
})
