import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { readTrackedFiles } from '../source/tracked-files.ts'
import { explained } from './explained.ts'
import { idOf, mutantsOf } from './mutants.ts'

/** What each operator makes of a line inside a function, and what it leaves alone. */
const cases: Record<string, { line: string; becomes: string[] }> = {
  'rounding turned': {
    line: 'return Math.mulDiv(a, b, c, Math.Rounding.Ceil) + d.mulDiv(f(e), g);',
    becomes: [
      'return Math.mulDiv(a, b, c, Math.Rounding.Floor) + d.mulDiv(f(e), g);',
      'return Math.mulDiv(a, b, c, Math.Rounding.Ceil) + d.mulDiv(f(e), g, Math.Rounding.Ceil);',
    ],
  },
  'sum turned': { line: 'a += b - c;', becomes: ['a -= b - c;', 'a += b + c;'] },
  'product turned': {
    line: 'a = b * c / d % e;',
    becomes: ['a = b / c / d % e;', 'a = b * c * d % e;', 'a = b * c / d * e;'],
  },
  'step turned': { line: 'i++;', becomes: ['i--;'] },
  'border moved': { line: 'return a < b;', becomes: ['return a <= b;'] },
  'equality turned': { line: 'return a != b;', becomes: ['return a == b;'] },
  'least for most': { line: 'return Math.min(a, b);', becomes: ['return Math.max(a, b);'] },
  'and for or': { line: 'return a && b;', becomes: ['return a || b;'] },
  'negation dropped': { line: 'if (!a) b = !c;', becomes: ['if (a) b = !c;', 'if (!a) b = c;'] },
  'condition negated': { line: 'if (f(a) > 0) b = 1;', becomes: ['if (!(f(a) > 0)) b = 1;'] },
  'guard removed': { line: 'if (a(b)) revert C(d, e(f));', becomes: [''] },
}

function source(line: string): string {
  return `contract A {\n    function go() external {\n        ${line}\n    }\n}\n`
}

describe('each operator changes one place at a time:', () => {
  for (const [operator, { line, becomes }] of Object.entries(cases)) {
    test(operator, () => {
      const found = mutantsOf('A.sol', source(line)).filter(
        (mutant) => mutant.operator === operator,
      )
      expect(found.map(({ after }) => after)).toEqual(becomes)
      expect(found.every(({ within, before }) => within === 'go' && before === line)).toBe(true)
    })
  }
})

test('a guard in braces and a call that only checks are removed whole', () => {
  const text = source(
    'if (a) {\n            revert B(c);\n        }\n        _checkD(e);\n        f();',
  )
  const removed = mutantsOf('A.sol', text).filter(({ operator }) => operator === 'guard removed')
  expect(removed.map(({ before }) => before)).toEqual(['if (a) { revert B(c); }', '_checkD(e);'])
})

test('a modifier is removed where it is used, and nowhere else', () => {
  const text =
    'contract A {\n    bool restricted;\n    function f() external restricted nonReentrant { }\n}\n'
  const removed = mutantsOf('A.sol', text).filter((found) => found.operator === 'modifier removed')
  expect(removed.map(({ after }) => after)).toEqual([
    'function f() external nonReentrant { }',
    'function f() external restricted { }',
  ])
})

test('what stands in comments and strings is left alone', () => {
  expect(mutantsOf('A.sol', source('string memory s = "a < b"; // c + d'))).toEqual([])
})

test('every explanation of a survivor is about a mutant that exists', async () => {
  const files = await readTrackedFiles(resolve(import.meta.dir, '../../..'))
  const ids = new Set(
    files
      .filter(({ path }) => /^contracts\/src\/.*\.sol$/.test(path))
      .flatMap(({ path, text }) => mutantsOf(path, text).map(idOf)),
  )
  expect(explained.filter((row) => !ids.has(idOf(row)))).toEqual([])
})
