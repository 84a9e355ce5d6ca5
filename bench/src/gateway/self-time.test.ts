import { expect, test } from 'bun:test'
import { type CpuProfile, selfTimesOf } from './self-time.ts'

const frame = (functionName: string, url: string, lineNumber: number) => ({
  functionName,
  url,
  lineNumber,
})
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', '', -1) },
    { id: 2, callFrame: frame('parse', 'file:///repo/src/parse.ts', 9) },
    { id: 3, callFrame: frame('parse', 'file:///repo/src/parse.ts', 9) },
    { id: 4, callFrame: frame('', 'file:///else/x.ts', 0) },
  ],
  samples: [4, 4, 2, 3, 4, 2],
  timeDeltas: [0, 1_000, 1_000, 1_000, 1_000, 1_000],
}

test('samples are added up by function, wherever it was called from, most first', () => {
  expect(selfTimesOf(profile, { root: 'file:///repo/', fromMs: 2 })).toEqual([
    { place: 'parse src/parse.ts:10', percent: 75 },
    { place: '(anonymous) file:///else/x.ts:1', percent: 25 },
  ])
})

test('what is built in is told by who called it', () => {
  const nested: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame('send', 'file:///repo/a.ts', 0), children: [2] },
      { id: 2, callFrame: frame('Socket', '', -1), children: [3] },
      { id: 3, callFrame: frame('write', '', -1) },
      { id: 4, callFrame: frame('gc', '', -1) },
    ],
    samples: [3, 3, 4],
    timeDeltas: [0, 1, 1],
  }
  const places = selfTimesOf(nested, { root: 'file:///repo/', fromMs: 0 }).map(({ place }) => place)
  expect(places).toEqual(['write in send a.ts:1', 'gc'])
})

test('a profile without samples has no times', () => {
  expect(selfTimesOf({ nodes: [], samples: [], timeDeltas: [] }, { root: '', fromMs: 0 })).toEqual(
    [],
  )
})
