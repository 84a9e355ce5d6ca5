import { expect, test } from 'bun:test'
import { lastWords } from './last-words.ts'

const log = (level: string, at: number) => JSON.stringify({ level, service: 'gateway', at })
const many = (level: string, count: number) =>
  Array.from({ length: count }, (_, at) => log(level, at))

test('a short output is shown whole, and none is said', () => {
  expect(lastWords('no luck')).toBe(':\nno luck')
  expect(lastWords(' \n')).toBe(' and wrote nothing')
})

test('errors and warnings stand first, then what was done last', () => {
  const output = [log('warn', 1), ...many('info', 20), log('error', 2), log('info', 99)].join('\n')
  expect(lastWords(output)).toBe(
    `:\n${[
      log('warn', 1),
      log('error', 2),
      log('info', 18),
      log('info', 19),
      log('info', 99),
      '(the rest of its output is not kept)',
    ].join('\n')}`,
  )
})

test('ten lines at most, and none of them long', () => {
  const output = [...many('error', 30), ...many('info', 30), 'x'.repeat(5_000)].join('\n')
  const [, ...lines] = lastWords(output).split('\n')
  expect(lines).toHaveLength(11)
  expect(lines[8]).toBe(log('error', 29))
  expect(lines[9]).toBe(`${'x'.repeat(300)}…`)
})

test('a crash shows its error, however deep its stack', () => {
  const stack = Array.from({ length: 40 }, (_, at) => `      at call${at} (gateway.ts:${at})`)
  const output = [...many('info', 9), 'error: no way on', ...stack].join('\n')
  expect(lastWords(output)).toStartWith(':\nerror: no way on\n')
})
