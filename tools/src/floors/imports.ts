import { maskText } from '../source/mask.ts'

export type Import = { specifier: string; line: number }

/**
 * The places an import can be written in, over a text whose strings are blanked. The class of characters
 * between the word and `from` holds only what a list of names may hold, so it stops at any other statement.
 */
const importForms = [
  /(?<![\w.$])(?:import|export)\b[\w\s*{},$]*?\bfrom\s*(['"])/g,
  /(?<![\w.$])import\s*(['"])/g,
  /(?<![\w.$])(?:import|require)\s*\(\s*(['"])/g,
]

/**
 * Every module a source text names: imports of values and types, re-exports, and calls of `import` and
 * `require` with a plain string.
 */
export function importsOf(text: string): Import[] {
  const { code } = maskText(text)
  return importForms
    .flatMap((form) => [...code.matchAll(form)])
    .map((match) => {
      const quote = match.index + match[0].length
      const specifier = text.slice(quote, code.indexOf(match[1] ?? '', quote))
      return { specifier, line: code.slice(0, quote).split('\n').length }
    })
    .sort((one, other) => one.line - other.line)
}

/** The package an import reaches into: `@mooring/chains` for `@mooring/chains/family`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
