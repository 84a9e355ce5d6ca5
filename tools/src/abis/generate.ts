import { join } from 'node:path'
import { type Hex, keccak256, toBytes } from 'viem'

/** The contracts a deployment consists of, by the name of their source and contract. */
export const deployedContracts = [
  'AccessManager',
  'AnkrToken',
  'Bootstrap',
  'EpochManager',
  'Escrow',
  'FeeRouter',
  'LocalDollar',
  'ParamStore',
  'PriceBook',
  'ProviderRegistry',
  'RateFeed',
  'RewardDistributor',
  'SignerSets',
  'StakingPool',
  'TimelockController',
] as const

type Artifact = {
  abi: readonly unknown[]
  bytecode: { object: string }
  deployedBytecode: {
    object: string
    /** Where values that the constructor sets stand in the code, in bytes, by the number of their declaration. */
    immutableReferences?: Readonly<Record<string, readonly { start: number; length: number }[]>>
  }
}

/** What `packages/abis/src` should hold, by path in it, from what forge built last. */
export async function abiFiles(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const runtimes: string[] = []
  for (const name of deployedContracts) {
    const artifact: Artifact = await Bun.file(
      join(root, `contracts/out/${name}.sol/${name}.json`),
    ).json()
    const file = `${kebab(name)}.ts`
    files.set(file, abiText(name, artifact.abi))
    files.set(`bytecode/${file}`, bytecodeText(name, artifact.bytecode.object))
    runtimes.push(runtimeRow(name, artifact.deployedBytecode))
  }
  files.set('runtime.ts', runtimeText(runtimes))
  const params = await Bun.file(join(root, 'contracts/src/governance/Params.sol')).text()
  files.set('params.ts', paramsText(enumMembers(params, 'Param')))
  return files
}

const generated = '// Written by `npm run abis` from the contracts. Do not edit.\n'

function abiText(name: string, abi: readonly unknown[]): string {
  const items = abi.map((item) => `  ${JSON.stringify(item)},\n`).join('')
  return `${generated}export const ${camel(name)}Abi = [\n${items}] as const\n`
}

function bytecodeText(name: string, bytecode: string): string {
  return `${generated}export const ${camel(name)}Bytecode =\n  '${bytecode}' as const\n`
}

/** What a contract's code on chain is compared with: its hash with zeros where the constructor writes. */
function runtimeRow(
  name: string,
  { object, immutableReferences = {} }: Artifact['deployedBytecode'],
): string {
  const gaps = Object.values(immutableReferences)
    .flat()
    .map(({ start, length }): [number, number] => [start, length])
    .sort(([one], [other]) => one - other)
  const hash = keccak256(withGaps(toBytes(object as Hex), gaps))
  return `  ${camel(name)}: { hash: '${hash}', gaps: ${JSON.stringify(gaps)} },\n`
}

function withGaps(code: Uint8Array, gaps: readonly [number, number][]): Uint8Array {
  for (const [start, length] of gaps) code.fill(0, start, start + length)
  return code
}

function runtimeText(rows: readonly string[]): string {
  return `${generated}/** The hash of each contract's code, with zeros in the gaps (start and length in bytes) that its constructor fills. */\nexport const runtimeCode = {\n${rows.join('')}} as const\n`
}

function paramsText(names: readonly string[]): string {
  const rows = names.map((name, at) => `  ${name}: ${at},\n`).join('')
  return `${generated}/** The numbers of the parameters on chain. */\nexport const paramNumbers = {\n${rows}} as const\nexport type ParamName = keyof typeof paramNumbers\n`
}

/** The members of an enum in Solidity source, which an ABI does not name. */
export function enumMembers(source: string, name: string): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? ''
  return body
    .replaceAll(/\/\/.*$/gm, '')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function kebab(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
}
