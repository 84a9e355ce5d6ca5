import { join, posix } from 'node:path'

/** Creation and runtime code of a contract, without 0x. */
export type Bytecode = { creation: string; runtime: string }

export type Compiled =
  | { ok: true; byContract: ReadonlyMap<string, Bytecode> }
  | { ok: false; error: string }

const compileTimeoutMs = 300_000
/** As in `foundry.toml`. The second is behind contracts of tests that are built with the file that was changed. */
const packages = [
  ['@openzeppelin/contracts/', 'node_modules/@openzeppelin/contracts/'],
  ['forge-std/', 'node_modules/@layerzerolabs/toolbox-foundry/lib/forge-std/'],
] as const

/**
 * Compiles contracts as forge does with `foundry.toml`, with one file replaced, and nothing but them: that is all that
 * a change makes new.
 *
 * @param contracts - Paths of the files; each holds the contract of its name.
 */
export async function compile(
  root: string,
  contracts: readonly string[],
  replaced: { file: string; text: string },
): Promise<Compiled> {
  const sources = await sourcesOf(root, contracts, replaced)
  const selection = Object.fromEntries(
    contracts.map((path) => [
      path,
      { [nameOf(path)]: ['evm.bytecode.object', 'evm.deployedBytecode.object'] },
    ]),
  )
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: {
      remappings: packages.map(([prefix, folder]) => `${prefix}=${folder}`),
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: selection,
    },
  }
  const run = Bun.spawn(['node', join(root, 'contracts/bin/solc.mjs'), '--standard-json'], {
    cwd: root,
    stdin: new Blob([JSON.stringify(input)]),
    stdout: 'pipe',
    stderr: 'ignore',
    timeout: compileTimeoutMs,
  })
  return compiledOf(JSON.parse(await new Response(run.stdout).text()), contracts)
}

type Output = {
  errors?: { severity: string; formattedMessage: string }[]
  contracts?: Record<
    string,
    Record<string, { evm: Record<'bytecode' | 'deployedBytecode', { object: string }> }>
  >
}

function compiledOf(output: Output, contracts: readonly string[]): Compiled {
  const error = output.errors?.find(({ severity }) => severity === 'error')
  if (error !== undefined) return { ok: false, error: error.formattedMessage }
  const byContract = new Map<string, Bytecode>()
  for (const path of contracts) {
    const evm = output.contracts?.[path]?.[nameOf(path)]?.evm
    if (evm === undefined) throw new Error(`solc returned nothing for ${path}`)
    byContract.set(path, { creation: evm.bytecode.object, runtime: evm.deployedBytecode.object })
  }
  return { ok: true, byContract }
}

async function sourcesOf(
  root: string,
  contracts: readonly string[],
  { file, text }: { file: string; text: string },
): Promise<Map<string, string>> {
  const sources = new Map<string, string>()
  const waiting = [...contracts]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sources.has(path)) continue
    const content = path === file ? text : await Bun.file(join(root, path)).text()
    sources.set(path, content)
    waiting.push(...importsOf(path, content))
  }
  return sources
}

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(/^import\s[^;]*?["']([^"']+)["']\s*;/gm)].map(([, target = '']) =>
    target.startsWith('.') ? posix.join(posix.dirname(path), target) : inPackage(target),
  )
}

function inPackage(target: string): string {
  const [prefix = '', folder = ''] = packages.find(([name]) => target.startsWith(name)) ?? []
  return folder + target.slice(prefix.length)
}

export function nameOf(path: string): string {
  return posix.basename(path, '.sol')
}
