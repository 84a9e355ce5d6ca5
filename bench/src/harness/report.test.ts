import { expect, test } from 'bun:test'
import { createReport, formatFigure, type Machine } from './report.ts'

const machine: Machine = {
  processor: 'x',
  processors: 2,
  memoryMib: 1,
  system: 'linux',
  bun: '1',
}

test('a figure that says its unit is reported', () => {
  const figures = { proxied1KbRequestsPerCpuSecond: 1, addedP99Ms: 0.2, deadErrorsCount: 0 }
  expect(createReport('x', machine, figures)).toEqual({ name: 'x', machine, figures })
})

test('a figure without a unit, or without a number, is refused', () => {
  expect(() => createReport('x', machine, { latency: 1 })).toThrow('latency does not end in its')
  expect(() => createReport('x', machine, { latencyMs: Number.NaN })).toThrow('is no number')
})

test('figures are written with the digits that mean something', () => {
  expect([84_012.4, 123.44, 1.23456, 0].map(formatFigure)).toEqual([
    '84,012',
    '123.4',
    '1.23',
    '0.00',
  ])
})
