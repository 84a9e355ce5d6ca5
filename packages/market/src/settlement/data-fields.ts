import type { Hex } from './bytes.ts'

/** Makes a typed value of one that JSON gave, or throws `FieldProblem`. */
export type Field<T> = (value: unknown) => T

/** What is wrong with a value, and where; the path is built on the way out, so that a good value costs nothing. */
export class FieldProblem extends Error {
  override name = 'FieldProblem'
  readonly expected: string
  readonly found: string
  path: string

  constructor(expected: string, found: unknown) {
    super(`not ${expected}`)
    this.expected = expected
    this.found = excerptOf(found)
    this.path = ''
  }
}

type Fields = Readonly<Record<string, Field<unknown>>>
type Parsed<F extends Fields> = { [Name in keyof F]: ReturnType<F[Name]> }

/** An object with exactly these members. */
export function record<const F extends Fields>(fields: F): Field<Parsed<F>> {
  const names = Object.keys(fields)
  return (value) => {
    if (!isObject(value)) throw new FieldProblem('an object', value)
    const parsed: Record<string, unknown> = {}
    for (const name of names) {
      if (!Object.hasOwn(value, name)) throw within(name, new FieldProblem('a value', undefined))
      // Names come from the fields themselves.
      parsed[name] = inside(name, () => fields[name]?.(value[name]))
    }
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
    if (unknown !== undefined) throw within(unknown, new FieldProblem('absent', value[unknown]))
    // Every member was made by the field of its name just now.
    return parsed as Parsed<F>
  }
}

/** @param keyOf - What the list is in ascending order of, without repeats; in any order without it. */
export function list<T>(
  item: Field<T>,
  { max, min = 0, keyOf }: { max: number; min?: number; keyOf?: (item: T) => string },
): Field<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      const found = Array.isArray(value) ? `a list of ${value.length}` : value
      throw new FieldProblem(`a list of ${min} to ${max}`, found)
    }
    let before: string | undefined
    return value.map((member: unknown, at) => {
      const parsed = inside(at, () => item(member))
      const key = keyOf?.(parsed)
      if (key !== undefined && before !== undefined && key <= before) {
        throw within(at, new FieldProblem(`after "${before}", in order and once`, key))
      }
      before = key
      return parsed
    })
  }
}

export function orNull<T>(field: Field<T>): Field<T | null> {
  return (value) => (value === null ? null : field(value))
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Field<T> {
  return (value) => {
    const found = values.find((one) => one === value)
    if (found === undefined) throw new FieldProblem(values.join(' or '), value)
    return found
  }
}

/** A number of JSON, for what is small. */
export function integer(min: number, max: number): Field<number> {
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value
    }
    throw new FieldProblem(`a whole number from ${min} to ${max}`, value)
  }
}

const decimal = /^(0|[1-9]\d{0,38})$/

/** A decimal string without zeros in front. */
export function uint(bits: bigint): Field<bigint> {
  const max = 2n ** bits - 1n
  return (value) => {
    if (typeof value === 'string' && decimal.test(value)) {
      const number = BigInt(value)
      if (number <= max) return number
    }
    throw new FieldProblem(`a decimal string of at most ${bits} bits`, value)
  }
}

export const uint64 = uint(64n)
export const uint128 = uint(128n)

/** Lower-case digits, so that each value has one form. */
export function hex(bytes: number): Field<Hex> {
  const form = new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`)
  return (value) => {
    // Made sure of by the form.
    if (typeof value === 'string' && form.test(value)) return value as Hex
    throw new FieldProblem(`0x and ${bytes * 2} lower-case hexadecimal digits`, value)
  }
}

export function text(form: RegExp, words: string): Field<string> {
  return (value) => {
    if (typeof value === 'string' && form.test(value)) return value
    throw new FieldProblem(words, value)
  }
}

/** Text that is in the order of the numbers. */
export function ordered(number: bigint): string {
  return String(number).padStart(39, '0')
}

function inside<T>(place: string | number, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof FieldProblem) throw within(place, error)
    throw error
  }
}

function within(place: string | number, problem: FieldProblem): FieldProblem {
  const own = typeof place === 'number' ? `[${place}]` : place
  const rest = problem.path
  problem.path = rest === '' || rest.startsWith('[') ? `${own}${rest}` : `${own}.${rest}`
  return problem
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const excerptCharsMax = 60

function excerptOf(found: unknown): string {
  const words = found === undefined ? 'nothing' : JSON.stringify(found)
  return words.length > excerptCharsMax ? `${words.slice(0, excerptCharsMax)}…` : words
}
