import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { decrypt, getEncryptionPublicKey } from '@metamask/eth-sig-util'
import { escrowAbi } from '@mooring/abis/escrow'
import {
  agreeingAttestations,
  groupKeyData,
  isSignedByQuorum,
} from '@mooring/onchain/access-statements'
import {
  accessKeyOf,
  createDeliveryKey,
  derivedKeyOf,
  keyDerivationData,
  openSealed,
  signTokenRequest,
  walletCommitmentOf,
} from '@mooring/onchain/access-tokens'
import { parseToken } from '@mooring/protocol/access/token'
import type {
  Sealed,
  SignedAttestation,
  TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import {
  type DepositChain,
  firstDepositMin,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { membersOf, player } from '@mooring/testkit/economy/people'
import {
  createSeats,
  domainOf,
  findToken,
  keyHashOf,
  post,
  readKeySet,
  type Seats,
  tokenFrom,
  until,
  untilReady,
  type Wish,
  wishFor,
} from '@mooring/testkit/verifier-seats'
import * as wallets from '@mooring/testkit/wallet-contracts'
import * as jose from 'jose'
import { bytesToHex, type Hex, hexToBytes, padHex, sha256 } from 'viem'

setDefaultTimeout(30_000)

let chain: DepositChain
let table: Seats
let first: Seats['seats'][0]

beforeAll(async () => {
  chain = await openDepositChain()
  table = await createSeats(chain, { publishAheadSeconds: 0 })
  first = table.seats[0]
  await Promise.all(table.seats.map((seat) => seat.start()))
  await untilReady(table.seats)
})
afterAll(async () => {
  await table?.[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
})

const quorum = { members: membersOf('verifier').map(({ address }) => address), threshold: 2 }
const keySetOf = async () => jose.createLocalJWKSet((await readKeySet(first)) as never)

describe('a token of two of three verifiers', () => {
  test('is verified by jose and by OpenSSL as it is', async () => {
    const wish = await wishFor(chain, 1)
    const { token, claims } = await tokenFrom(first, wish)
    const options = { typ: 'at+jwt', algorithms: ['EdDSA'], audience: 'mooring-gateway' }
    const { payload, protectedHeader } = await jose.jwtVerify(token, await keySetOf(), options)
    expect(payload).toEqual({ ...claims })
    const { keys } = await readKeySet(first)
    const jwk = keys.find(({ kid }) => kid === protectedHeader.kid)
    expect(verifiedByOpenssl(token, jwk)).toBe(true)
    expect(verifiedByOpenssl(`${token.slice(0, -4)}AAAA`, jwk)).toBe(false)
  })

  test('says whose it is, what it rests on, and that the key alone makes it worth something', async () => {
    const wish = await wishFor(chain, 1)
    const { claims, answer } = await tokenFrom(first, wish)
    const { request, access } = wish
    expect(claims).toMatchObject({
      iss: `mooring:eip155:31337:${chain.ankrEscrow.toLowerCase()}`,
      sub: `eip155:31337:${player(1).address.toLowerCase()}`,
      ...{ tier: 'premium', stage: 'full', epoch: 0 },
      dep: `eip155:31337/${request.transactionHash}/0`,
      cnf: { 'key#S256': keyHashOf(access) },
    })
    expect(claims.cap).toBeUndefined()
    expect(JSON.stringify(answer)).not.toContain(access.key)
    const attestations = answer.attestations as SignedAttestation[]
    expect(await agreeingAttestations(domainOf(chain), quorum, attestations)).toHaveLength(2)
  })

  test('is found by the hash of its key at every verifier, and by nothing else', async () => {
    const wish = await wishFor(chain, 1)
    const { token } = await tokenFrom(first, wish)
    for (const seat of table.seats) {
      await until(async () => (await findToken(seat, wish))?.token === token)
    }
    const stranger = await wishFor(chain, 2)
    expect(await findToken(first, stranger)).toBeUndefined()
  })

  test('is found although somebody else names the same commitment, and whatever becomes of that', async () => {
    const wish = await wishFor(chain, 1)
    const { token } = await tokenFrom(first, wish)
    const { keyCommitment } = wish.request
    // Anybody can read the commitment, deposit with it, get a token for it and let that one be revoked.
    const { transactionHash, logIndex } = await chain.deposit(3, { key: keyCommitment })
    await chain.anvil.mine(12)
    const delivery = await createDeliveryKey()
    const copied = await signTokenRequest(
      domainOf(chain),
      player(3),
      { transactionHash, logIndex, keyCommitment, delivery: 'key', deliverTo: delivery.publicKey },
      Date.now(),
    )
    const theirs = await tokenFrom(first, { request: copied, access: wish.access, delivery })
    expect((await findToken(first, wish))?.token).toBe(token)
    await chain.deposit(3, { key: sha256('0x04') })
    await until(async () => {
      const list = await (await fetch(`${first.url}/v1/revocations`)).json()
      return JSON.stringify(list).includes(theirs.claims.jti)
    })
    expect((await findToken(first, wish))?.token).toBe(token)
  })

  test('is the same grant when its request is sent again', async () => {
    const wish = await wishFor(chain, 1)
    const { claims } = await tokenFrom(first, wish)
    const again = await tokenFrom(table.seats[1], wish)
    expect(again.claims.jti).toBe(claims.jti)
  })
})

describe('a token is delivered', () => {
  test("to a wallet's own key, as a bearer that no verifier keeps", async () => {
    const privateKey = crypto.getRandomValues(new Uint8Array(32)).toHex()
    const publicKey = bytesToHex(Uint8Array.fromBase64(getEncryptionPublicKey(privateKey)))
    const keyCommitment = walletCommitmentOf(publicKey)
    const request = await requestFor(1, {
      ...{ keyCommitment, delivery: 'wallet', deliverTo: publicKey },
    })
    const { status, value } = await post(`${first.url}/v1/tokens`, request)
    expect(status).toBe(200)
    const sealed = value.sealed as Sealed
    if (sealed.kind !== 'wallet') throw new Error('it is sealed in another way')
    const token = decrypt({ encryptedData: sealed.envelope, privateKey })
    const parsed = parseToken(token)
    expect(parsed.ok && parsed.token.claims.cnf).toBeUndefined()
    await jose.jwtVerify(token, await keySetOf())
    const found = await fetch(
      `${first.url}/v1/tokens/${keyHashOf({ key: '', commitment: keyCommitment })}`,
    )
    expect(found.status).toBe(404)
  })

  test('for a key that follows from a typed signature, so that it can be had again', async () => {
    const sign = () =>
      player(1).signTypedData(keyDerivationData(domainOf(chain), player(1).address))
    const access = await derivedKeyOf(await sign())
    expect(await derivedKeyOf(await sign())).toEqual(access)
    const delivery = await createDeliveryKey()
    const request = await requestFor(1, {
      ...{ keyCommitment: access.commitment, delivery: 'key', deliverTo: delivery.publicKey },
    })
    const { claims } = await tokenFrom(first, { request, access, delivery })
    expect(claims.cnf).toEqual({ 'key#S256': keyHashOf(access) })
  })

  test('for a key that signs every request, by its thumbprint', async () => {
    const pair = await jose.generateKeyPair('ES256')
    const thumbprint = await jose.calculateJwkThumbprint(await jose.exportJWK(pair.publicKey))
    const keyCommitment = bytesToHex(Uint8Array.fromBase64(thumbprint, { alphabet: 'base64url' }))
    const delivery = await createDeliveryKey()
    const request = await requestFor(1, {
      ...{ keyCommitment, delivery: 'proof', deliverTo: delivery.publicKey },
    })
    const access = accessKeyOf(new Uint8Array(32))
    const { claims } = await tokenFrom(first, { request, access, delivery })
    expect(claims.cnf).toEqual({ jkt: thumbprint })
  })

  test('to nobody else: what is sealed to one key no other opens', async () => {
    const wish = await wishFor(chain, 1)
    const { value } = await post(`${first.url}/v1/tokens`, wish.request)
    const other = await createDeliveryKey()
    expect(openSealed(value.sealed as Sealed, other)).rejects.toThrow()
  })
})

test('the encryption key of a wallet, which everyone may see, is no access key', async () => {
  const privateKey = crypto.getRandomValues(new Uint8Array(32)).toHex()
  const publicKey = bytesToHex(Uint8Array.fromBase64(getEncryptionPublicKey(privateKey)))
  const { commitment } = accessKeyOf(hexToBytes(publicKey))
  expect(commitment).not.toBe(walletCommitmentOf(publicKey))
})

describe('a wallet that is a contract', () => {
  /** Somebody deposits for it, with its consent. */
  async function wishOfContract(account: Hex): Promise<Wish> {
    const { deployment, reader } = chain.system
    await chain.anvil.ask('anvil_setCode', [account, wallets.goodWallet])
    const access = accessKeyOf(crypto.getRandomValues(new Uint8Array(32)))
    const { timestamp } = await reader.getBlock()
    const receipt = await chain.send(player(1).address, {
      to: deployment.parts.ankrEscrow,
      abi: escrowAbi,
      functionName: 'depositFor',
      args: [account, firstDepositMin, access.commitment, timestamp + 3_600n, wallets.password],
    })
    await chain.anvil.mine(12)
    const delivery = await createDeliveryKey()
    const log = receipt.logs.find(({ address }) => {
      return address.toLowerCase() === deployment.parts.ankrEscrow.toLowerCase()
    })
    const request = {
      ...{ account, transactionHash: receipt.transactionHash, logIndex: log?.logIndex ?? 0 },
      ...{ keyCommitment: access.commitment, delivery: 'key' as const },
      ...{
        deliverTo: delivery.publicKey,
        issuedAt: Math.floor(Date.now() / 1_000),
        nonce: sha256(account),
      },
      signature: wallets.password,
    }
    return { request, access, delivery }
  }

  test('says itself what it signed', async () => {
    // So that the escrow may take the tokens.
    await chain.deposit(1)
    const wish = await wishOfContract(padHex('0x71', { size: 20 }))
    const { claims } = await tokenFrom(first, wish)
    expect(claims.sub).toBe(`eip155:31337:${wish.request.account}`)
    const { value } = await post(`${first.url}/v1/tokens`, {
      ...wish.request,
      nonce: sha256('0x05'),
      signature: padHex('0x01', { size: 32 }),
    })
    expect(value.code).toBe('BAD_SIGNATURE')
  })

  test('burns no more gas than a check may cost, and keeps nobody else waiting', async () => {
    await chain.deposit(1)
    const account = padHex('0x72', { size: 20 })
    const wish = await wishOfContract(account)
    await chain.anvil.ask('anvil_setCode', [account, wallets.gasBomb])
    const answers = await Promise.all([
      post(`${first.url}/v1/tokens`, wish.request),
      tokenFrom(first, await wishFor(chain, 2)),
    ])
    expect(answers[0].value.code).toBe('BAD_SIGNATURE')
    expect(answers[1].claims.stage).toBe('full')
  })
})

describe('a request is refused', () => {
  const refusalOf = async (request: object) => {
    const { status, value } = await post(`${first.url}/v1/tokens`, request)
    return { status, code: value.code }
  }

  test('when a member of it was changed after it was signed', async () => {
    const { request } = await wishFor(chain, 1)
    const other = await createDeliveryKey()
    const changes: Partial<TokenRequest>[] = [
      { deliverTo: other.publicKey },
      { delivery: 'proof' },
      { nonce: sha256('0x01') },
      { issuedAt: request.issuedAt + 1 },
      { keyCommitment: sha256('0x02') },
    ]
    for (const change of changes) {
      const refused = { status: 403, code: 'BAD_SIGNATURE' }
      expect(await refusalOf({ ...request, ...change })).toEqual(refused)
    }
    const another = { ...request, account: player(2).address }
    expect(await refusalOf(another)).toEqual({ status: 403, code: 'WRONG_ACCOUNT' })
  })

  test('when nothing can be sealed to the key it names', async () => {
    const { request } = await wishFor(chain, 1)
    for (const low of ['0x00', '0x01']) {
      const deliverTo = padHex(low as Hex, { dir: 'right', size: 32 })
      const refused = await refusalOf({ ...request, deliverTo })
      expect(refused).toEqual({ status: 400, code: 'MALFORMED' })
    }
  })

  test('when the deposit is of another account, or the account names another key', async () => {
    const mine = await wishFor(chain, 1)
    const { transactionHash, logIndex, deliverTo } = mine.request
    const wish = { transactionHash, logIndex, deliverTo, delivery: 'key' as const }
    const sign = (number: number, keyCommitment: Hex) =>
      signTokenRequest(domainOf(chain), player(number), { ...wish, keyCommitment }, Date.now())
    const theirs = await sign(2, mine.access.commitment)
    expect(await refusalOf(theirs)).toEqual({ status: 403, code: 'WRONG_ACCOUNT' })
    const otherKey = await sign(1, sha256('0x03'))
    expect(await refusalOf(otherKey)).toEqual({ status: 403, code: 'WRONG_KEY' })
  })

  test('when it is old or of the future, and not for half a minute of either', async () => {
    const old = await wishFor(chain, 1, { nowMs: Date.now() - 340_000 })
    expect(await refusalOf(old.request)).toEqual({ status: 403, code: 'REQUEST_EXPIRED' })
    const early = await wishFor(chain, 1, { nowMs: Date.now() + 60_000 })
    expect(await refusalOf(early.request)).toEqual({ status: 403, code: 'REQUEST_EXPIRED' })
    await tokenFrom(first, await wishFor(chain, 1, { nowMs: Date.now() + 20_000 }))
    await tokenFrom(first, await wishFor(chain, 1, { nowMs: Date.now() - 310_000 }))
  })

  test('before twelve blocks are on top, saying how many there are', async () => {
    const { request } = await wishFor(chain, 1, { blocks: 11 })
    const { status, value } = await post(`${first.url}/v1/tokens`, request)
    expect([status, value.code, value.confirmations]).toEqual([
      ...[409, 'TOO_FEW_CONFIRMATIONS', { have: 11, need: 12 }],
    ])
  })

  test('naming every member that is wrong', async () => {
    const { status, value } = await post(`${first.url}/v1/tokens`, { account: '0x1', logIndex: -1 })
    expect([status, value.code]).toEqual([400, 'MALFORMED'])
    for (const member of ['account', 'transactionHash', 'logIndex', 'signature']) {
      expect(value.detail).toContain(member)
    }
    const none = await post(`${first.url}/v1/nothing`, {})
    expect([none.status, none.value.code]).toEqual([404, 'NOT_FOUND'])
  })
})

test('verifiers that all want a new key make one, and tokens of the old one stay good', async () => {
  const before = await tokenFrom(first, await wishFor(chain, 1))
  const [old] = (await readKeySet(first)).keys
  for (const { adminUrl } of table.seats) await fetch(`${adminUrl}/v1/rotate`, { method: 'POST' })
  await until(async () => {
    const sets = await Promise.all(table.seats.map(readKeySet))
    return sets.every(({ keys }) => keys.length === 2)
  })
  await until(async () => {
    const { token } = await tokenFrom(first, await wishFor(chain, 1))
    return jose.decodeProtectedHeader(token).kid !== old?.kid
  })
  await jose.jwtVerify(before.token, await keySetOf())
  // Everyone publishes the same end of the old key, signed by as many as sign a token.
  await until(async () => {
    const sets = await Promise.all(table.seats.map(readKeySet))
    return sets.every(({ keys }) => typeof keys[0]?.['mooring:until'] === 'number')
  })
  const { keys } = await readKeySet(table.seats[2])
  const [ended, current] = keys
  if (ended === undefined || current === undefined) throw new Error('there are two')
  expect(ended['mooring:until']).toBe(current['mooring:from'] + 7 * 86_400)
  expect(current['mooring:until']).toBeNull()
  for (const { 'mooring:signatures': signatures, ...key } of keys) {
    const data = groupKeyData(domainOf(chain), key)
    expect(await isSignedByQuorum(quorum, data, signatures)).toBe(true)
  }
})

async function requestFor(
  number: number,
  wish: Pick<TokenRequest, 'keyCommitment' | 'delivery' | 'deliverTo'>,
): Promise<TokenRequest> {
  const { transactionHash, logIndex } = await chain.deposit(number, { key: wish.keyCommitment })
  await chain.anvil.mine(12)
  const whole = { ...wish, transactionHash, logIndex }
  return signTokenRequest(domainOf(chain), player(number), whole, Date.now())
}

/** By Node, whose cryptography is OpenSSL's. */
function verifiedByOpenssl(token: string, jwk: unknown): boolean {
  const script = `
    const [jwk, token] = process.argv.slice(1)
    const { createPublicKey, verify } = require('node:crypto')
    const key = createPublicKey({ key: JSON.parse(jwk), format: 'jwk' })
    const [header, payload, signature] = token.split('.')
    const input = Buffer.from(header + '.' + payload)
    console.log(verify(null, input, key, Buffer.from(signature, 'base64url')))`
  const { stdout, stderr } = spawnSync('node', ['-e', script, JSON.stringify(jwk), token])
  if (stderr.length > 0) throw new Error(stderr.toString())
  return stdout.toString().trim() === 'true'
}
