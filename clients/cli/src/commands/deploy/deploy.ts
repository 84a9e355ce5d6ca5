import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createReader, createWallet, type Reader } from '@mooring/onchain/clients'
import { deploySystem } from '@mooring/onchain/deploy/deploy'
import { type Creation, planDeployment } from '@mooring/onchain/deploy/plan'
import type { DeploySettings } from '@mooring/onchain/deploy/settings'
import { parseDeploySettings } from '@mooring/onchain/deploy/settings-file'
import { deploymentOf, formatDeployment } from '@mooring/onchain/deployment'
import { isUnreachable } from '@mooring/onchain/failures'
import type { Command } from 'commander'
import { type Address, erc20Abi, formatEther } from 'viem'
import { parse } from 'yaml'
import type { Context } from '../../context.ts'
import { formatSpan } from '../../economy/amounts.ts'
import { askFirst } from '../../economy/consenting.ts'
import type { Fact } from '../../economy/intent.ts'
import { factLines } from '../../economy/signing.ts'
import { addRpcOption, chainOf, hostOf, type RpcOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { examples } from '../../help.ts'
import { writeJson } from '../../terminal/json.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../../wallet/account.ts'

type DeployOptions = RpcOptions &
  AccountOptions & { out?: string; dryRun?: true; yes?: true; json?: true }

export function addDeployCommand(program: Command, context: Context): void {
  const command = program
    .command('deploy')
    .summary('deploy the contracts of the economy and hand them to their timelock')
    .description(
      'Deploy the contracts of the economy, hand every power to the timelock and check that nothing is left to the account that signs. Needs an account that sends nothing else meanwhile.',
    )
    .argument('<settings>', 'YAML or JSON; see docs/deploy.example.yaml')
    .option('--out <file>', 'where the addresses go; else deployments/CHAIN.json')
    .addHelpText('before', examples('npx mooring deploy settings.yaml --rpc URL --dry-run'))
  addAccountOptions(addRpcOption(command))
    .option('--dry-run', 'say what would happen and sign nothing')
    .option('-y, --yes', 'do not ask before signing')
    .option('--json', 'print one JSON object')
    .action((settings: string, options: DeployOptions) => deploy(context, settings, options))
}

async function deploy(context: Context, path: string, options: DeployOptions): Promise<void> {
  const settings = readSettings(context, path)
  const { rpcUrl, chainId } = await chainOf(context, options)
  const out = outOf(context, options, chainId)
  const account = await loadAccount(context, options)
  const reader = createReader({ url: rpcUrl, chainId })
  await assertTokens(reader, settings)
  const nonce = await reader.getTransactionCount({ address: account.address, blockTag: 'pending' })
  const plan = { chainId, out, nonce, host: hostOf(rpcUrl) }
  const facts = await factsOf(reader, settings, account.address, plan)
  context.stderr.write(`Deploy the contracts of the economy\n${factLines(facts)}`)
  if (options.dryRun) {
    context.stderr.write('Dry run: nothing was signed.\n')
    if (options.json) writeJson(context, { facts: Object.fromEntries(facts) })
    return
  }
  await askFirst(context, options, 'Sign and send all this?')
  // Opened before anything is sent: the file is all that says where the contracts are.
  using file = openNew(out)
  const deployed = await deploySystem(
    { reader, sender: createWallet({ url: rpcUrl, chainId }, account) },
    settings,
    {
      nonce,
      onProgress: ({ name, done, of }) =>
        context.stderr.write(`  ${String(done).padStart(2)} of ${of}  ${name}\n`),
      onHandedOver: (handed) => {
        file.write(formatDeployment(deploymentOf(handed, settings)))
        context.stderr.write(`Written to ${out}. Checking …\n`)
      },
    },
  )
  if (options.json) writeJson(context, { file: out, ...deploymentOf(deployed, settings) })
  else context.stdout.write(`${out}\n`)
}

function outOf(context: Context, { out }: DeployOptions, chainId: number): string {
  if (out !== undefined) return resolve(context.cwd, out)
  return join(context.repository ?? context.cwd, 'deployments', `${chainId}.json`)
}

/** A file of its own that is gone again when nothing was written to it. */
function openNew(out: string): { write: (text: string) => void } & Disposable {
  let isWritten = false
  try {
    mkdirSync(dirname(out), { recursive: true })
    writeFileSync(out, '', { flag: 'wx' })
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new CommandError(
      'badInput',
      isThere && existsSync(out)
        ? `${out} exists and says where other contracts are: name another file with --out, or move it away.`
        : `${out} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    )
  }
  return {
    write: (text) => {
      writeFileSync(out, text)
      isWritten = true
    },
    [Symbol.dispose]: () => {
      if (!isWritten) rmSync(out, { force: true })
    },
  }
}

/** Tokens that are said to exist have to, and to be divided as is said. */
async function assertTokens(reader: Reader, { ankr, stable }: DeploySettings): Promise<void> {
  const said = [
    ...('address' in ankr ? [{ name: 'ankr', address: ankr.address, decimals: 18 }] : []),
    ...('address' in stable ? [{ name: 'stable', ...stable }] : []),
  ]
  for (const { name, address, decimals } of said) {
    const found = await decimalsOf(reader, address)
    if (found === undefined) {
      throw new CommandError('badInput', `There is no token at ${address}, named as ${name}.`)
    }
    if (found !== decimals) {
      const problem = `The token at ${address}, named as ${name}, has ${found} decimals, not ${decimals}.`
      throw new CommandError('badInput', problem)
    }
  }
}

async function decimalsOf(reader: Reader, address: Address): Promise<number | undefined> {
  try {
    return await reader.readContract({ address, abi: erc20Abi, functionName: 'decimals' })
  } catch (error) {
    if (isUnreachable(error)) throw error
    return undefined
  }
}

async function factsOf(
  reader: Reader,
  settings: DeploySettings,
  account: Address,
  plan: { chainId: number; host: string; out: string; nonce: number },
): Promise<Fact[]> {
  const { creations } = planDeployment(settings, account, BigInt(plan.nonce))
  const { delaySeconds, proposers, executors } = settings.timelock
  return [
    ['chain', `${plan.chainId}, by ${plan.host}`],
    ['signed by', account],
    ['timelock', `acts after ${formatSpan(delaySeconds)}, for ${proposers.join(', ')}`],
    ['executed by', executors.length === 0 ? 'anyone' : executors.join(', ')],
    ['guardian', settings.guardian],
    ['admissions', settings.admissions],
    ['slasher', settings.slasher ?? 'nobody yet'],
    ['cost', await costOf(reader, account, creations)],
    ['then', 'bonds for the signers, and `npx mooring signer install` for each set'],
    ['written to', plan.out],
    ...creations.map(({ name, address: at }) => [name, at] as const),
  ]
}

async function costOf(
  reader: Reader,
  account: Address,
  creations: readonly Creation[],
): Promise<string> {
  try {
    const gas = await Promise.all(
      creations.map(({ data }) => reader.estimateGas({ account, data })),
    )
    const sum = gas.reduce((total, one) => total + one, 0n)
    const { maxFeePerGas } = await reader.estimateFeesPerGas()
    return `about ${formatEther(sum * maxFeePerGas)} of the native token (${sum} gas), and the hand-over`
  } catch {
    return 'unknown: the node could not estimate it'
  }
}

function readSettings(context: Context, path: string): DeploySettings {
  const { file, text } = readInput(context, path)
  try {
    // Numbers of 20 digits are no numbers of JavaScript: the schema wants them as text.
    return parseDeploySettings(parse(text))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file}: ${reason}.`, { cause })
  }
}
