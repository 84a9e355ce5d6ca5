import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createReader, createWallet, type Reader } from '@mooring/onchain/clients'
import { deploySystem } from '@mooring/onchain/deploy/deploy'
import { type Creation, planDeployment } from '@mooring/onchain/deploy/plan'
import type { DeploySettings } from '@mooring/onchain/deploy/settings'
import { parseDeploySettings } from '@mooring/onchain/deploy/settings-file'
import { deploymentOf, formatDeployment } from '@mooring/onchain/deployment'
import type { Command } from 'commander'
import { type Address, formatEther, type PrivateKeyAccount } from 'viem'
import { parse } from 'yaml'
import type { Context } from '../../context.ts'
import { formatSpan } from '../../economy/amounts.ts'
import type { Fact } from '../../economy/intent.ts'
import { factLines } from '../../economy/signing.ts'
import { addRpcOption, chainOf, type RpcOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
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
  const out = resolve(
    options.out === undefined ? (context.repository ?? context.cwd) : context.cwd,
    options.out ?? join('deployments', `${chainId}.json`),
  )
  assertNew(out)
  const account = await loadAccount(context, options)
  const reader = createReader({ url: rpcUrl, chainId })
  const facts = await factsOf(reader, settings, account, { chainId, out })
  context.stderr.write(`Deploy the contracts of the economy\n${factLines(facts)}`)
  if (options.dryRun) {
    context.stderr.write('Dry run: nothing was signed.\n')
    if (options.json) writeJson(context, { facts: Object.fromEntries(facts) })
    return
  }
  await askFirst(context, options)
  const sender = createWallet({ url: rpcUrl, chainId }, account)
  const deployed = await deploySystem({ reader, sender }, settings, ({ name, done, of }) =>
    context.stderr.write(`  ${String(done).padStart(2)} of ${of}  ${name}\n`),
  )
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, formatDeployment(deploymentOf(deployed, settings)))
  if (options.json) writeJson(context, { file: out, ...deploymentOf(deployed, settings) })
  else context.stdout.write(`${out}\n`)
}

async function factsOf(
  reader: Reader,
  settings: DeploySettings,
  { address }: PrivateKeyAccount,
  { chainId, out }: { chainId: number; out: string },
): Promise<Fact[]> {
  const nonce = await reader.getTransactionCount({ address })
  const { creations } = planDeployment(settings, address, BigInt(nonce))
  const { delaySeconds, proposers, executors } = settings.timelock
  return [
    ['chain', String(chainId)],
    ['signed by', address],
    ['timelock', `acts after ${formatSpan(delaySeconds)}, for ${proposers.join(', ')}`],
    ['executed by', executors.length === 0 ? 'anyone' : executors.join(', ')],
    ['guardian', settings.guardian],
    ['admissions', settings.admissions],
    ['slasher', settings.slasher ?? 'nobody yet'],
    ['cost', await costOf(reader, address, creations)],
    ['then', 'bonds for the signers, and `npx mooring signer install` for each set'],
    ['written to', out],
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
  const file = resolve(context.cwd, path)
  if (!existsSync(file)) throw new CommandError('badInput', `There is no file ${file}.`)
  try {
    // Numbers of 20 digits are no numbers of JavaScript: the schema wants them as text.
    return parseDeploySettings(parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file}: ${reason}.`, { cause })
  }
}

/** The file is all that says where the contracts are. */
function assertNew(out: string): void {
  if (!existsSync(out)) return
  throw new CommandError(
    'badInput',
    `${out} exists and says where other contracts are: name another file with --out, or move it away.`,
  )
}

async function askFirst(context: Context, options: DeployOptions): Promise<void> {
  if (options.yes || context.prompter === undefined) return
  const agreed = await context.prompter.confirm('Sign and send all this?', { initial: false })
  if (!agreed) throw new CommandError('unexpected', 'Stopped. Nothing was signed.')
}
