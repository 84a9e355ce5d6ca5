import { describe, expect, test } from 'bun:test'
import { newestTable } from './bundled-tables.ts'
import { parsePriceTable } from './parse-table.ts'

/** A small sound table, as JSON brings it; each case changes one thing. */
function sound() {
  return {
    version: 7,
    creditsPerUsd: 10_000_000,
    meanCredits: 400,
    transports: { http: { surchargeCredits: 0 }, websocket: { surchargeCredits: 5 } },
    default: { credits: 500, notificationCredits: 100 },
    families: {
      evm: {
        defaultCredits: 500,
        notificationCredits: 100,
        classes: {
          read: { credits: 300, methods: ['eth_call', 'eth_chainId'] },
          send: { credits: 700, methods: ['eth_sendRawTransaction'] },
        },
      },
    },
    advanced: {
      defaultCredits: 900,
      classes: { index: { credits: 900, methods: ['ankr_getLogs'] } },
    },
    mix: [
      { group: 'evm', class: 'read', sharePpm: 800_000 },
      { group: 'evm', class: 'send', sharePpm: 100_000 },
      { group: 'advanced', class: 'index', sharePpm: 100_000 },
    ],
  }
}
type Sound = ReturnType<typeof sound>

function problemsWith(change: (table: Sound) => unknown): string[] {
  const table = sound()
  change(table)
  const parsed = parsePriceTable(table)
  return parsed.ok ? [] : parsed.problems
}

test('a sound table is taken as it is', () => {
  expect(parsePriceTable(sound())).toEqual({ ok: true, table: sound() })
  expect(parsePriceTable(structuredClone(newestTable.table)).ok).toBe(true)
})

test('what is no table is refused', () => {
  for (const value of [undefined, null, 7, 'table', [], {}]) {
    expect(parsePriceTable(value).ok).toBe(false)
  }
})

describe('a price is a positive whole number:', () => {
  test.each([0, -1, 0.5, 1e9 + 1, '400', null, Number.NaN])('%p is none', (wrong) => {
    const says = ['a whole number from 1 to 1000000000']
    const places: ((table: Sound, price: number) => unknown)[] = [
      (table, price) => (table.families.evm.classes.read.credits = price),
      (table, price) => (table.families.evm.defaultCredits = price),
      (table, price) => (table.families.evm.notificationCredits = price),
      (table, price) => (table.default.credits = price),
      (table, price) => (table.default.notificationCredits = price),
      (table, price) => (table.advanced.defaultCredits = price),
      (table, price) => (table.meanCredits = price),
    ]
    for (const place of places) {
      // What JSON holds where a number is meant.
      const problems = problemsWith((table) => place(table, wrong as number))
      expect(problems).toEqual([expect.stringContaining(says[0] ?? '')])
    }
  })

  test('a dollar buys as many credits as everywhere', () => {
    expect(problemsWith((table) => (table.creditsPerUsd = 1_000_000))).toEqual([
      '`creditsPerUsd` is 1000000, not 10000000',
    ])
  })

  test('a surcharge may be nothing, and never less', () => {
    expect(problemsWith(({ transports }) => (transports.websocket.surchargeCredits = -1))).toEqual([
      expect.stringContaining('`transports.websocket.surchargeCredits` is -1'),
    ])
  })
})

describe('names', () => {
  test('a method stands once in a family, whatever the class', () => {
    expect(
      problemsWith(({ families }) => families.evm.classes.send.methods.push('eth_call')),
    ).toEqual(['`families.evm` names `eth_call` twice'])
    expect(
      problemsWith(({ families }) =>
        families.evm.classes.read.methods.push('eth_call', 'eth_call'),
      ),
    ).toEqual(['`families.evm` names `eth_call` twice'])
    expect(
      problemsWith(({ advanced }) => advanced.classes.index.methods.push('ankr_getLogs')),
    ).toEqual(['`advanced` names `ankr_getLogs` twice'])
  })

  test('methods over many chains stand apart from those of a family', () => {
    expect(
      problemsWith(({ families }) => families.evm.classes.read.methods.push('ankr_getBlocks')),
    ).toEqual([
      '`families.evm` names `ankr_getBlocks`: methods that begin with ankr_ belong to `advanced`',
    ])
    expect(
      problemsWith(({ advanced }) => advanced.classes.index.methods.push('eth_getLogs')),
    ).toEqual([
      '`advanced` names `eth_getLogs`, which does not begin with ankr_: it belongs to a family',
    ])
  })

  test('of families, classes and methods have a form', () => {
    const named = (name: string) => JSON.parse(`{ ${JSON.stringify(name)}: 1 }`)
    for (const name of ['', 'Evm', '__proto__', 'a b']) {
      expect(problemsWith((table) => Object.assign(table, { families: named(name) }))).toEqual([
        expect.stringContaining('a name is 1 to 32 lower case letters'),
      ])
    }
    expect(problemsWith(({ families }) => (families.evm.classes.read.methods = ['a b']))).toEqual([
      expect.stringContaining('`families.evm.classes.read.methods[0]` is "a b"'),
    ])
    expect(
      problemsWith((table) =>
        Object.assign(table.families, { advanced: { ...table.families.evm, classes: {} } }),
      ),
    ).toEqual([expect.stringContaining('`families.advanced` has the name')])
  })

  test('an unknown field is refused, a missing one named, and all problems come at once', () => {
    const problems = problemsWith((table) => {
      Object.assign(table.families.evm, { classes: undefined, colour: 'blue' })
      Object.assign(table, { version: 0 })
    })
    expect(problems).toHaveLength(3)
    expect(problems.join()).toContain('`families.evm.colour` is not a field')
    expect(problems.join()).toContain('`families.evm.classes` is nothing')
    const { mix: _, ...without } = sound()
    expect(parsePriceTable(without)).toEqual({ ok: false, problems: ['`mix` is missing'] })
  })

  test('tables of absurd size are refused', () => {
    const many = Array.from({ length: 2_001 }, (_, place) => `eth_m${place}`)
    expect(problemsWith(({ families }) => (families.evm.classes.read.methods = many))).toEqual([
      expect.stringContaining('a list of 1 to 2000'),
    ])
  })
})

describe('the mix', () => {
  test('has exactly the mean that the table says', () => {
    expect(problemsWith((table) => (table.meanCredits = 401))).toEqual([
      '`meanCredits` is 401, and the mean of `mix` is 400.000000 credits',
    ])
    expect(problemsWith(({ families }) => (families.evm.classes.send.credits = 701))).toEqual([
      '`meanCredits` is 400, and the mean of `mix` is 400.100000 credits',
    ])
  })

  test('is sent over HTTP, so what that costs more counts', () => {
    expect(problemsWith(({ transports }) => (transports.http.surchargeCredits = 1))).toEqual([
      '`meanCredits` is 400, and the mean of `mix` is 401.000000 credits',
    ])
    expect(problemsWith(({ transports }) => (transports.websocket.surchargeCredits = 1))).toEqual(
      [],
    )
  })

  test('is of a million, each class once, of classes that there are', () => {
    expect(problemsWith(({ mix }) => mix.pop())).toEqual([
      'the shares of `mix` add up to 900000 ppm, not to 1000000',
    ])
    expect(
      problemsWith(({ mix }) => {
        mix.push({ group: 'evm', class: 'read', sharePpm: 1 })
      }),
    ).toContain('`mix` names evm.read twice')
    for (const [group, name] of [
      ['evm', 'constructor'],
      ['solana', 'read'],
      ['constructor', 'read'],
      ['advanced', 'read'],
    ] as const) {
      expect(
        problemsWith(({ mix }) => mix.splice(2, 1, { group, class: name, sharePpm: 100_000 })),
      ).toEqual([`\`mix\` names ${group}.${name}, and the table has no such class`])
    }
  })
})
