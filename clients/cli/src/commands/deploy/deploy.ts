import { createReader, createWallet } from '@mooring/onchain/clients'
import { type DeployClients, deploySystem } from '@mooring/onchain/deploy/deploy'
import { planDeployment } from '@mooring/onchain/deploy/plan'
import type { DeploySettings } from '@mooring/onchain/deploy/settings'
import { parseDeploySettings } from '@mooring/onchain/deploy/settings-file'
import { type Deployment, deploymentOf, formatDeployment } from '@mooring/onchain/deployment'
import type { Command } from 'commander'
import { parse } from 'yaml'
import type { Context } from '../../context.ts'
import { whenInterrupted } from '../../economy/carry-out.ts'
import { askFirst } from '../../economy/consenting.ts'
import type { Fact } from '../../economy/intent.ts'
import { type Report, reporting } from '../../economy/report.ts'
import { factLines } from '../../economy/signing.ts'
import { addRpcOption, chainOf, hostOf, type RpcOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { examples } from '../../help.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../../wallet/account.ts'
import { addressFileOf, assertFree, openAddressFile } from './address-file.ts'
import { assertTokens, costOf, settingsFacts } from './preview.ts'

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
    .option('--json', 'print one JSON object, also of a failure')
    .action((settings: string, options: DeployOptions) => deploy(context, settings, options))
}

function deploy(context: Context, path: string, options: DeployOptions): Promise<void> {
  return reporting(context, options, (report) =>
    deployReporting(context, path, { options, report }),
  )
}

type Work = { options: DeployOptions; report: Report }

async function deployReporting(context: Context, path: string, work: Work): Promise<void> {
  const { options, report } = work
  const settings = readSettings(context, path)
  const { rpcUrl, chainId } = await chainOf(context, options)
  const out = addressFileOf(context, options.out, chainId)
  assertFree(out)
  const account = await loadAccount(context, options)
  const { address } = account
  const reader = createReader({ url: rpcUrl, chainId })
  await assertTokens(reader, settings)
  const nonce = await reader.getTransactionCount({ address, blockTag: 'pending' })
  const { parts, creations } = planDeployment(settings, address, BigInt(nonce))
  const facts: Fact[] = [
    ['chain', `${chainId}, by ${hostOf(rpcUrl)}`],
    ['signed by', address],
    ['written to', out],
    ...settingsFacts(settings),
    ['cost', await costOf(reader, address, creations)],
  ]
  report.what = 'Deploy the contracts of the economy'
  report.facts = Object.fromEntries(facts)
  report.parts = parts
  context.stderr.write(`Deploy the contracts of the economy\n${factLines(facts)}`)
  context.stderr.write(`Where they will be\n${factLines(Object.entries(parts))}`)
  if (options.dryRun) {
    context.stderr.write('Dry run: nothing was signed.\n')
    return
  }
  await askFirst(context, options, 'Sign and send all this?')
  const sender = createWallet({ url: rpcUrl, chainId }, account)
  report.deployment = await carryOut(context, { clients: { reader, sender }, settings, nonce, out })
  if (!options.json) context.stdout.write(`${out}\n`)
  context.stderr.write(wayOn(out))
}

async function carryOut(
  context: Context,
  plan: { clients: DeployClients; settings: DeploySettings; nonce: number; out: string },
): Promise<Deployment> {
  const { clients, settings, nonce, out } = plan
  using file = openAddressFile(out)
  let progress = 'Nothing was sent'
  const deploying = deploySystem(clients, settings, {
    nonce,
    onProgress: ({ name, done, of }) => {
      progress = `${done} of ${of} were sent`
      context.stderr.write(`  ${String(done).padStart(2)} of ${of}  ${name}\n`)
    },
    onHandedOver: (handed) => {
      file.write(formatDeployment(deploymentOf(handed, settings)))
      progress = `Everything was handed over, and stands in ${out}`
      context.stderr.write(`Written to ${out}. Checking …\n`)
    },
  })
  // When somebody stops waiting, nobody hears of its failure.
  deploying.catch(() => undefined)
  const deployed = await Promise.race([deploying, whenInterrupted(context)])
  if (deployed !== 'interrupted') return deploymentOf(deployed, settings)
  throw new CommandError(
    'unexpected',
    `Stopped. ${progress}. What was created without the hand-over owns nothing and is of no use: begin anew.`,
  )
}

function wayOn(out: string): string {
  return (
    'Next, the bond of each signer and then its set, by anyone:\n' +
    `  npx mooring signer bond 0x… 10000 --deployment ${out}\n` +
    `  npx mooring signer install verifier --deployment ${out}\n`
  )
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
