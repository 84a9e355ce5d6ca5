import { expect, test } from 'bun:test'
import { chooseFiles } from './choose-files.ts'

const hashOf = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as const
const file = (epoch: bigint, previous: bigint | null, number: number) => ({
  ...{ epoch, previous, attempt: BigInt(number), dataHash: hashOf(number), madeAtMs: 0 },
})
const roots = (number: number, activeAt: bigint) => ({ dataHash: hashOf(number), activeAt })

test('a file that nobody has posted is told of as such', () => {
  expect(chooseFiles([file(0n, null, 1)], new Map(), 100n)).toMatchObject([
    { epoch: 0n, state: 'made' },
  ])
})

test('files that were replaced are left out, so that no work is told twice', () => {
  const files = [
    file(7n, 4n, 5),
    file(6n, 4n, 4),
    file(5n, 4n, 3),
    file(4n, null, 2),
    file(4n, null, 1),
  ]
  const posted = new Map([[4n, roots(1, 50n)]])
  const chosen = chooseFiles(files, posted, 100n)
  expect(chosen.map(({ attempt, state }) => [attempt, state])).toEqual([
    [5n, 'made'],
    [1n, 'active'],
  ])
})

test('a file after an epoch that was disabled is not the next one', () => {
  const files = [file(5n, 4n, 3), file(4n, null, 2)]
  expect(chooseFiles(files, new Map([[4n, undefined]]), 100n)).toMatchObject([
    { epoch: 4n, state: 'made' },
  ])
})

test('roots wait before they count', () => {
  const posted = new Map([[4n, roots(2, 101n)]])
  expect(chooseFiles([file(4n, null, 2)], posted, 100n)).toMatchObject([{ state: 'posted' }])
})
