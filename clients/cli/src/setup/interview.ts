import type { ChainDefinition } from '@mooring/chains/chain'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { describeFinding, examineUpstream, type FoundUpstream } from './examine.ts'
import type { Prompter } from './prompter.ts'
import { hostOf, problemOfProvider, problemOfUrl, providerOf, resolveUrl } from './upstream.ts'

/** Most upstreams one run of `mooring init` takes. */
export const upstreamsMax = 100

/**
 * Asks for upstreams one after the other and looks at each; one that fails is left out.
 *
 * @param definition - The chain they must serve; undefined lets each tell its own.
 * @returns At least one.
 */
export async function interview(
  context: Context,
  prompter: Prompter,
  definition: ChainDefinition | undefined,
): Promise<FoundUpstream[]> {
  const found: FoundUpstream[] = []
  while (found.length < upstreamsMax) {
    const url = await askUrl(context, prompter, found)
    if (url === '') break
    const provider = await prompter.ask({
      message: 'Who runs it? Upstreams of one provider are taken to fail together.',
      initial: providerOf(url),
      problemOf: problemOfProvider,
    })
    const liveUrl = resolveUrl(url, context.env)
    const look = examineUpstream(context, { definition, provider, url, liveUrl })
    const finding = await prompter.during(`Looking at ${hostOf(url)}`, look)
    prompter.say(describeFinding(finding))
    if (finding.ok) found.push(finding.upstream)
    else prompter.say('It is left out.')
  }
  return found
}

function askUrl(
  context: Context,
  prompter: Prompter,
  found: readonly FoundUpstream[],
): Promise<string> {
  const isFirst = found.length === 0
  return prompter.ask({
    message: isFirst ? 'JSON-RPC URL of a node' : 'URL of another node, or nothing to go on',
    placeholder: isFirst ? `https://eth.acme.example/\${ACME_KEY}` : '',
    problemOf: (url) => {
      if (url === '') return isFirst ? 'At least one is needed.' : undefined
      if (found.some((upstream) => upstream.url === url)) return 'That one is on the list already.'
      return problemOfUrl(url) ?? problemOfVariables(context, url)
    },
  })
}

function problemOfVariables(context: Context, url: string): string | undefined {
  try {
    resolveUrl(url, context.env)
    return undefined
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
}
