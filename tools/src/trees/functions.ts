/** A contract as its source declares it. */
export type Contract = {
  name: string
  isAbstract: boolean
  bases: readonly string[]
  /** Names of the functions anyone may call that may change state, as declared here, not inherited. */
  functions: readonly string[]
}

const declaration = /\b(abstract\s+)?contract\s+(\w+)(?:\s+is\s+([^{]+))?\s*\{/g
const functionHead =
  /\b(?:function\s+(\w+)|(receive|fallback))\s*\((?:[^()]|\([^()]*\))*\)([^{;]*)[{;]/g

/** The contracts of a Solidity source; interfaces and libraries are left out. */
export function contractsOf(source: string): Contract[] {
  const code = withoutComments(source)
  const found = [...code.matchAll(declaration)]
  return found.map((match, at) => ({
    name: match[2] ?? '',
    isAbstract: match[1] !== undefined,
    bases: basesOf(match[3] ?? ''),
    functions: changingFunctions(code.slice(match.index, found[at + 1]?.index)),
  }))
}

/**
 * Everything anyone may call that may change state, by contract that can be deployed: its own functions and those of
 * the bases that are among `contracts`.
 */
export function functionsToTest(contracts: readonly Contract[]): Map<string, string[]> {
  const byName = new Map(contracts.map((contract) => [contract.name, contract]))
  const whole = (name: string): string[] => {
    const contract = byName.get(name)
    return contract ? [...contract.functions, ...contract.bases.flatMap(whole)] : []
  }
  return new Map(
    contracts
      .filter(({ isAbstract }) => !isAbstract)
      .map(({ name }) => [name, [...new Set(whole(name))].sort()]),
  )
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

/** `A, B(1), c.D` as `A`, `B`, `D`. */
function basesOf(list: string): string[] {
  return list
    .replaceAll(/\([^)]*\)/g, '')
    .split(',')
    .map((base) => base.trim().split('.').at(-1) ?? '')
    .filter((base) => base !== '')
}

function changingFunctions(body: string): string[] {
  return [...body.matchAll(functionHead)]
    .filter(([, , , modifiers = '']) => /\b(?:external|public)\b/.test(modifiers))
    .filter(([, , , modifiers = '']) => !/\b(?:view|pure)\b/.test(modifiers))
    .map(([, name, unnamed]) => name ?? unnamed ?? '')
}
