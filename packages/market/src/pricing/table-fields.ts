/** Says what is wrong with a value, in sentences that name its path and what is allowed. */
export type Check = (value: unknown, path: string) => string[]

/** An object with exactly these members. */
export function record(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name))
    return [
      ...Object.entries(fields).flatMap(([name, check]) =>
        Object.hasOwn(value, name)
          ? check(value[name], at(path, name))
          : [`\`${at(path, name)}\` is missing`],
      ),
      ...unknown.map((name) => `\`${at(path, name)}\` is not a field of a price table`),
    ]
  }
}

/** An object whose members are rows of one kind, by names of one form. */
export function rows(names: { form: RegExp; words: string; max: number }, row: Check): Check {
  return (value, path) => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const entries = Object.entries(value)
    if (entries.length > names.max) return [`\`${path}\` has more than ${names.max} rows`]
    return entries.flatMap(([name, member]) =>
      names.form.test(name)
        ? row(member, at(path, name))
        : [`\`${path}\` has a row ${JSON.stringify(name)}: a name is ${names.words}`],
    )
  }
}

export function list(sizes: { min: number; max: number }, item: Check): Check {
  return (value, path) => {
    const words = `a list of ${sizes.min} to ${sizes.max}`
    if (!Array.isArray(value) || value.length < sizes.min || value.length > sizes.max) {
      return [refusal(value, path, words)]
    }
    return value.flatMap((member, place) => item(member, `${path}[${place}]`))
  }
}

export function integer(min: number, max: number): Check {
  return (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? []
      : [refusal(value, path, min === max ? String(min) : `a whole number from ${min} to ${max}`)]
}

export function text(form: RegExp, words: string): Check {
  return (value, path) =>
    typeof value === 'string' && form.test(value) ? [] : [refusal(value, path, words)]
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const excerptCharsMax = 60

function refusal(value: unknown, path: string, words: string): string {
  const found = value === undefined ? 'nothing' : JSON.stringify(value)
  const excerpt = found.length > excerptCharsMax ? `${found.slice(0, excerptCharsMax)}…` : found
  return `${path === '' ? 'the table' : `\`${path}\``} is ${excerpt}, not ${words}`
}
