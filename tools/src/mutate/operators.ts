/** A stretch of the source and what stands there instead. */
export type Edit = { start: number; end: number; replacement: string }

/** Finds the places of an operator in the code; comments and strings are blank in `code` and whole in `text`. */
type Find = (code: string, text: string) => Edit[]

/** What may be wrong in a contract that moves money, one small change at a time. */
export const operators = {
  'rounding turned': (code, text) => [...namedRoundings(code), ...silentRoundings(code, text)],
  'sum turned': swaps({ ' + ': ' - ', ' - ': ' + ', ' += ': ' -= ', ' -= ': ' += ' }),
  'product turned': swaps({ ' * ': ' / ', ' / ': ' * ', ' % ': ' * ' }),
  'step turned': swaps({ '++': '--', '--': '++' }),
  'border moved': swaps({ ' < ': ' <= ', ' <= ': ' < ', ' > ': ' >= ', ' >= ': ' > ' }),
  'equality turned': swaps({ ' == ': ' != ', ' != ': ' == ' }),
  'least for most': swaps({
    'Math.min(': 'Math.max(',
    'Math.max(': 'Math.min(',
  }),
  'and for or': swaps({ ' && ': ' || ', ' || ': ' && ' }),
  'negation dropped': (code) => matches(code, /(?<=[(\s])!(?=[\w(])/g, () => ''),
  'condition negated': (code) => conditions(code),
  'guard removed': (code) => guards(code),
  'modifier removed': (code) =>
    matches(code, / (?:restricted|nonReentrant)\b(?! *[;=])/g, () => ''),
} as const satisfies Record<string, Find>

export type OperatorName = keyof typeof operators

function swaps(pairs: Readonly<Record<string, string>>): Find {
  const escaped = Object.keys(pairs).map((text) => text.replaceAll(/[+*%|(.]/g, '\\$&'))
  const places = new RegExp(escaped.sort((a, b) => b.length - a.length).join('|'), 'g')
  return (code) => matches(code, places, (found) => pairs[found] ?? found)
}

function matches(code: string, places: RegExp, replace: (found: string) => string): Edit[] {
  return [...code.matchAll(places)].map(({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
    replacement: replace(found),
  }))
}

function namedRoundings(code: string): Edit[] {
  return matches(code, /\bMath\.Rounding\.(?:Ceil|Floor)\b/g, (found) =>
    found.endsWith('Ceil') ? 'Math.Rounding.Floor' : 'Math.Rounding.Ceil',
  )
}

/** A `mulDiv` that names no direction rounds down. */
function silentRoundings(code: string, text: string): Edit[] {
  return [...code.matchAll(/\bmulDiv\(/g)].flatMap(({ index, 0: found }) => {
    const end = closingOf(code, index + found.length - 1)
    if (text.slice(index, end).includes('Rounding.')) return []
    return [{ start: end, end, replacement: ', Math.Rounding.Ceil' }]
  })
}

/** Conditions of `if` and `while` that do not only guard; a guard that is turned fails at once. */
function conditions(code: string): Edit[] {
  return [...code.matchAll(/\b(?:if|while) \(/g)].flatMap(({ index, 0: found }) => {
    const open = index + found.length - 1
    const close = closingOf(code, open)
    if (/^\)\s*(?:\{\s*)?revert\b/.test(code.slice(close))) return []
    return [{ start: open, end: close + 1, replacement: `(!${code.slice(open, close + 1)})` }]
  })
}

/** `if (…) revert …;` with or without braces, and calls of functions that only check. */
function guards(code: string): Edit[] {
  const reverts = [...code.matchAll(/\bif \(/g)].flatMap(({ index, 0: found }) => {
    const close = closingOf(code, index + found.length - 1)
    const body = /^\)\s*(?:\{\s*revert\b[^;]*;\s*\}|revert\b[^;]*;)/.exec(code.slice(close))
    return body === null ? [] : [{ start: index, end: close + body[0].length, replacement: '' }]
  })
  const checks = matches(
    code,
    /(?<=^ +)(?:\w+\.)?_?(?:require|check|atLeast)\w*\([^;{]*\);/gm,
    () => '',
  )
  return [...reverts, ...checks]
}

function closingOf(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === '(') depth++
    if (code[at] === ')' && --depth === 0) return at
  }
  throw new Error(`the bracket at ${open} is not closed`)
}
