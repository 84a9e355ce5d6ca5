import { type Command, InvalidArgumentError } from 'commander'
import { chainUrlOf, curlOf, type EndpointOptions, endpointOptions } from '../../access/endpoint.ts'
import { getToken } from '../../access/get-token.ts'
import { heldTokenOf } from '../../access/held-token.ts'
import type { KeyFile } from '../../access/key-file.ts'
import { loadKey } from '../../access/key-store.ts'
import { tokenFacts } from '../../access/token-facts.ts'
import { type VerifierOptions, verifierOptions, verifierUrls } from '../../access/verifiers.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { parseHash } from '../../economy/parsing.ts'
import { type Report, reporting } from '../../economy/report.ts'
import { factLines } from '../../economy/signing.ts'
import { addSystemOptions, connect, type SystemOptions } from '../../economy/system.ts'
import { type AccountOptions, addAccountOptions, loadWallet } from '../../wallet/account.ts'

type RequestOptions = SystemOptions &
  AccountOptions &
  VerifierOptions &
  EndpointOptions & {
    key: string
    transaction: string
    log?: number
    wait: boolean
    json?: true
  }

export function addTokenRequestCommand(parent: Command, context: Context): void {
  const command = addCommand(parent, {
    name: 'request',
    summary: 'get the token that rests on a deposit',
    description:
      'Get the access token that rests on a deposit, from as many verifiers as have to agree, and keep it beside its key. Signs a statement with your wallet; sends no transaction and costs nothing.',
    required: {
      '--key <name>': 'key that the deposit names, as `mooring keys new` made it',
      '--transaction <hash>': 'transaction of the deposit',
    },
    options: verifierOptions,
    examples: ['npx mooring token request --key mine --transaction 0x…'],
  })
    .option('--log <n>', 'which event it is, where a transaction holds several', parseLogIndex)
    .option('--no-wait', 'ask at once, however few blocks are on top')
  for (const [flags, text] of Object.entries(endpointOptions)) command.option(flags, text)
  addAccountOptions(addSystemOptions(command))
    .option('--json', 'print one JSON object, also of a failure')
    .action((options: RequestOptions) => request(context, options))
}

async function request(context: Context, options: RequestOptions): Promise<void> {
  const transactionHash = parseHash(options.transaction, 'transaction')
  const key = loadKey(context, options.key)
  const verifiers = verifierUrls(context, options)
  const chainUrl = chainUrlOf(context, options)
  await reporting(context, options, async (report) => {
    const system = await connect(context, options)
    const wallet = await loadWallet(context, options)
    const held = await getToken(context, {
      ...{ system, wallet, key, verifiers, transactionHash },
      ...{ logIndex: options.log, waits: options.wait },
    })
    tellOfToken(context, held, { chainUrl, report, json: options.json })
  })
}

/** Says what was had and how a first request is made with it. Tells no secret. */
export function tellOfToken(
  context: Context,
  held: KeyFile,
  { chainUrl, report, json }: { chainUrl: string; report: Report; json: true | undefined },
): void {
  report.key = held.name
  report.token = heldTokenOf(held).token.claims
  report.endpoint = chainUrl
  if (json) return
  context.stdout.write(`A token for the key ${held.name}:\n${factLines(tokenFacts(held))}`)
  context.stderr.write(`\nA first request with it:\n  ${curlOf(chainUrl, held)}\n`)
}

function parseLogIndex(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('The index of a log is a number from 0 on.')
}
