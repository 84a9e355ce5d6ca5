import { expect, test } from 'bun:test'
import { createNonces } from './nonces.ts'

test('each transaction of an account has its own nonce, whoever asks at once', async () => {
  const nonces = createNonces(async () => 5)
  const leases = await Promise.all([nonces.take(), nonces.take(), nonces.take()])
  expect(leases.map(({ nonce }) => nonce)).toEqual([5, 6, 7])
})

test('a nonce that was given back is the next one, so that no gap stays', async () => {
  const nonces = createNonces(async () => 5)
  const [first] = [await nonces.take(), await nonces.take()]
  first.giveBack()
  first.giveBack()
  expect((await nonces.take()).nonce).toBe(5)
  expect((await nonces.take()).nonce).toBe(7)
})

test('what something else sent from the account is passed over', async () => {
  let onChain = 5
  const nonces = createNonces(async () => onChain)
  const lease = await nonces.take()
  onChain = 9
  lease.giveBack()
  expect((await nonces.take()).nonce).toBe(9)
})

test('a chain that could not be asked costs no nonce', async () => {
  let broken = true
  const nonces = createNonces(async () => {
    if (broken) throw new Error('no answer')
    return 3
  })
  expect(nonces.take()).rejects.toThrow('no answer')
  broken = false
  expect((await nonces.take()).nonce).toBe(3)
})

test('a fork that undid what was sent makes its nonces the next ones again', async () => {
  let onChain = 5
  const nonces = createNonces(async () => onChain)
  const lease = await nonces.take()
  onChain = 6
  lease.settled()
  onChain = 5
  expect((await nonces.take()).nonce).toBe(5)
})

test('while a transaction waits, a node that does not tell of it is not believed', async () => {
  const nonces = createNonces(async () => 5)
  await nonces.take()
  expect((await nonces.take()).nonce).toBe(6)
})
