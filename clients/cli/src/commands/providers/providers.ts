import type {
  NetworkDemand,
  NetworkProvider,
  NetworkProviderDetail,
  NetworkProviders,
} from '@mooring/protocol/reports/network'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { addCommand, argumentAt, type CommandForm, givenTo } from '../../economy/given.ts'
import { parseId } from '../../economy/parsing.ts'
import { examples } from '../../help.ts'
import { type Location, locate } from '../../locations.ts'
import { askNetwork, printAnswer } from './ask-network.ts'
import { printDemand } from './print-demand.ts'
import { printProvider, printProviders } from './print-providers.ts'

/** A service that never comes to an end with its pages is not asked for ever. */
const pagesMax = 100
const billingOptions = {
  '--billing <url>': 'billing service (default: MOORING_BILLING, the local network, or port 8580)',
} as const

/** Asks as one of the network's users: nothing is signed, and the chain is not asked. */
export function addProvidersCommand(program: Command, context: Context): void {
  const providers = program
    .command('providers')
    .summary("show a network's providers, what they earn, and where nodes are wanted")
    .description(
      'Show the providers of a network as its billing service tells of them: what they have staked, how well they serve, ' +
        'what that earned and what it brings to those who delegate. Of one provider alone, by the chain itself, tells ' +
        '`mooring provider show`.',
    )
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'npx mooring providers',
        'npx mooring providers show 1',
        'npx mooring providers demand',
      ),
    )
  addAsking(providers, context, {
    form: {
      name: 'list',
      isDefault: true,
      summary: 'list all providers, by stake',
      description:
        'List all providers by stake. Figures of an epoch are those of the newest closed one; APR is that of the last ' +
        'epochs, on the delegation that earned.',
      examples: ['npx mooring providers list', 'npx mooring providers list --json'],
    },
    ask: readAll,
    print: printProviders,
  })
  addAsking<NetworkProviderDetail>(providers, context, {
    form: {
      name: 'show',
      summary: 'show a provider, its nodes and its record',
      description: 'Show a provider, its nodes, and what each closed epoch came to.',
      arguments: { '<provider>': 'number of the provider' },
      examples: ['npx mooring providers show 1'],
    },
    ask: (billing, id) => askNetwork(context, billing, `/providers/${parseId(id, 'provider')}`),
    print: printProvider,
  })
  addAsking<NetworkDemand>(providers, context, {
    form: {
      name: 'demand',
      summary: 'show where nodes are wanted',
      description:
        'Show by chain and region what was asked for in the newest closed epoch, and how much of it waits for more or ' +
        'better nodes.',
      examples: ['npx mooring providers demand'],
    },
    ask: (billing) => askNetwork(context, billing, '/demand'),
    print: printDemand,
  })

  async function readAll(billing: Location): Promise<Omit<NetworkProviders, 'next'>> {
    const all: NetworkProvider[] = []
    for (let page = 0, cursor = ''; ; page++) {
      const path = `/providers?limit=100${cursor}`
      const { next, ...answer } = await askNetwork<NetworkProviders>(context, billing, path)
      all.push(...answer.providers)
      if (next === null || page >= pagesMax) return { ...answer, providers: all }
      cursor = `&cursor=${encodeURIComponent(next)}`
    }
  }
}

type Asking<T> = {
  form: CommandForm
  ask: (billing: Location, argument: string) => Promise<T>
  print: (answer: T) => string
}

function addAsking<T>(parent: Command, context: Context, { form, ask, print }: Asking<T>): void {
  const added = addCommand(parent, { ...form, options: billingOptions })
  added
    .option('--json', 'print one JSON object, amounts in base units')
    .action(async (...typed: unknown[]) => {
      const options = added.opts<{ billing?: string; json?: true }>()
      const billing = locate(context, 'billing', options.billing)
      const isAsked = form.arguments !== undefined
      const argument = isAsked ? argumentAt(givenTo(added, typed), 0) : ''
      const answer = await ask(billing, argument)
      printAnswer(context, { billing, answer, json: options.json === true }, print)
    })
}
