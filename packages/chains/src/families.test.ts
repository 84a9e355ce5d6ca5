import { describe, expect, test } from 'bun:test'
import type { RpcParams } from '@mooring/protocol/json-rpc/request'
import * as fc from 'fast-check'
import { chainDefinitions } from './definitions.ts'
import { families, familyOf } from './families.ts'
import type { FailedReply, Family } from './family.ts'

const anyParams = fc.oneof(
  fc.array(fc.jsonValue(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.jsonValue()),
) as fc.Arbitrary<RpcParams>
const anyRequest = fc.record({ id: fc.constant(1), method: fc.string(), params: anyParams })
const text = fc.string({ maxLength: 60 })
const anyReply: fc.Arbitrary<FailedReply> = fc.oneof(
  fc.record({
    kind: fc.constant('transport' as const),
    fault: fc.constantFrom('unreachable', 'lost', 'timeout', 'malformed', 'oversized'),
  }),
  fc.record({ kind: fc.constant('http' as const), status: fc.nat(599), text }),
  fc.record({
    kind: fc.constant('error' as const),
    status: fc.nat(599),
    code: fc.integer(),
    message: text,
    dataJson: fc.option(fc.json(), { nil: undefined }),
  }),
)

describe.each(Object.entries<Family>(families))('%s', (name, family) => {
  test('goes by the name it is listed under, and some shipped chain speaks it', () => {
    expect<string>(family.name).toBe(name)
    expect(familyOf(family.name)).toBe(family)
    expect([...chainDefinitions.values()].some((chain) => chain.family === name)).toBe(true)
  })

  test('relays a method it has never heard of once, and keeps nothing of it', () => {
    for (const method of ['', 'constructor', '__proto__', 'toString', 'no such method']) {
      const policy = family.policyOf(method)
      expect(['write', 'foreign']).toContain(policy.effect)
      expect(policy).toMatchObject({ idempotent: false, cache: 'never' })
      expect(family.contractsOf({ id: 1, method, params: [] })).toEqual({ kind: 'any' })
    }
  })

  test('probes with reads that every node may be asked', () => {
    const { transactionByHash, headerByHash, header, ...probes } = family.probes
    const hash = `0x${'00'.repeat(32)}`
    const byReference = [transactionByHash(hash), headerByHash(hash), header(1), header('safe')]
    const requests = [...Object.values(probes), ...byReference]
    for (const { method } of requests) {
      const { effect, deadline, tier } = family.policyOf(method)
      expect(['read', 'local'], method).toContain(effect)
      expect({ deadline, tier }, method).toEqual({ deadline: 'quick', tier: 'community' })
    }
  })

  test('answers locally only the methods whose effect is local', () => {
    const facts = { chainId: 1, clientVersion: 'Mooring', headBlock: () => 1 }
    const { chainId, height, standard } = family.probes
    for (const method of [chainId.method, height.method, standard.method, 'no such method']) {
      const isLocal = family.policyOf(method).effect === 'local'
      expect(family.localResultOf(method, facts) !== undefined, method).toBe(isLocal)
    }
  })

  test('reads any request without throwing, and resolves its tags once', () => {
    fc.assert(
      fc.property(anyRequest, fc.nat(), (request, headBlock) => {
        family.blockNeedOf(request)
        family.scanRangeOf(request, headBlock)
        expect(family.problemOf(request)).not.toBe('')
        family.transactionHashOf(request)
        family.contractsOf(request)
        family.cacheKeyOf(request)
        family.logSearchOf(request)
        family.pinTo(request, `0x${'00'.repeat(32)}`)
        const resolved = family.resolveTags(request, { latest: headBlock })
        expect(family.resolveTags(resolved, { latest: headBlock })).toBe(resolved)
      }),
    )
  })

  test('reads any result without throwing', () => {
    const methods = fc.oneof(fc.string(), fc.constantFrom(family.probes.standard.method))
    fc.assert(
      fc.property(methods, fc.jsonValue(), (method, result) => {
        family.revealedBlockOf(method, result)
        family.parseHeader(result)
        family.isPending(method, result)
        family.classifyResult(method, result)
        for (const number of [family.parseChainId(result), family.parseHeight(result)]) {
          expect(number === undefined || (Number.isSafeInteger(number) && number >= 0)).toBe(true)
        }
      }),
    )
  })

  test('gives every failed reply a class', () => {
    fc.assert(
      fc.property(anyReply, fc.string(), (reply, method) => {
        const { class: name, facts } = family.classify(reply, { method })
        expect(name).not.toBe('')
        expect(facts.failure).not.toBe('')
      }),
    )
  })
})
