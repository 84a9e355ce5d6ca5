import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { definitionNamed } from '../chain-names.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { examples } from '../help.ts'
import { networkHolding } from '../locations.ts'
import {
  admin,
  encodeConfig,
  listen,
  type NamedUpstream,
  nameUpstreams,
} from '../setup/config-file.ts'
import { assertWritable, writeConfig } from '../setup/destination.ts'
import { describeFinding, examineUpstream, type FoundUpstream } from '../setup/examine.ts'
import { interview, upstreamsMax } from '../setup/interview.ts'
import type { Prompter } from '../setup/prompter.ts'
import { hostOf, parseUpstream, type UpstreamWish, upstreamSyntax } from '../setup/upstream.ts'
import { writeJson } from '../terminal/json.ts'

type InitOptions = {
  out: string
  chain?: string
  upstream?: string[]
  force?: true
  yes?: true
  json?: true
}

export function addInitCommand(program: Command, context: Context): void {
  program
    .command('init')
    .summary('write the configuration of a gateway over your own upstreams')
    .description(
      'Write the configuration of a gateway over your own upstreams. Asks for their URLs on a terminal, ' +
        'or takes them from --upstream; looks at each one live (chain id, head, latency, archive or not) ' +
        'and writes the file only when every one is well.',
    )
    .option('--out <file>', 'where to write', 'gateway.yaml')
    .option(
      '--chain <name>',
      'chain of the upstreams that name none (default: what their chain id says)',
    )
    .option(
      '--upstream <upstream>',
      `an upstream as ${upstreamSyntax}; repeat it for more. PROVIDER is who runs it (default: from the host). \${VARIABLE} in the URL is read from the environment`,
      (text: string, before: string[] | undefined) => [...(before ?? []), text],
    )
    .option('--force', 'overwrite the file')
    .option('--yes', 'ask nothing')
    .option('--json', 'print what was written as one JSON object')
    .addHelpText(
      'before',
      examples(
        'npx mooring init',
        'npx mooring init --upstream https://eth.acme.example --upstream http://127.0.0.1:8555',
        `npx mooring init --yes --upstream 'bsc=acme@https://bsc.acme.example/\${ACME_KEY}' --out bsc.yaml`,
      ),
    )
    .action((options: InitOptions) => init(context, options))
}

async function init(context: Context, options: InitOptions): Promise<void> {
  const prompter = options.yes ? undefined : context.prompter
  const wishes = wishesOf(context, options)
  if (wishes.length === 0 && prompter === undefined) throw upstreamMissing()
  const definition = options.chain === undefined ? undefined : definitionNamed(options.chain)
  await assertMayWrite(context, options, prompter)

  const isInterview = wishes.length === 0 && prompter !== undefined
  const found = isInterview
    ? await interview(context, prompter, definition)
    : await examineAll(context, wishes)
  const upstreams = nameUpstreams(found)
  if (prompter && !(await prompter.confirm(`Write ${options.out}?`, { initial: true }))) {
    throw new CommandError('unexpected', 'Nothing was written.')
  }
  const text = encodeConfig(upstreams, options.out)
  await writeConfig(context, options.out, text)
  await warnOfPorts(context, options.out)
  report(context, options, upstreams)
}

/** The file keeps the usual ports: what holds them now may be gone when the gateway starts. */
async function warnOfPorts(context: Context, out: string): Promise<void> {
  const settings = Object.entries({ listen, admin })
  const looks = settings.map(async ([group, { host, port }]) =>
    (await context.isPortFree(host, port)) ? [] : [{ setting: `${group}.port`, port }],
  )
  const taken = (await Promise.all(looks)).flat()
  if (taken.length === 0) return
  const names = taken.map(({ setting, port }) => `${setting} ${port}`).join(' and ')
  const holder = networkHolding(
    context,
    taken.map(({ port }) => port),
  )
  context.stderr.write(
    `${out}: ${names}: taken by a running program. ${holder ?? 'Stop it, or set another port.'}\n`,
  )
}

function wishesOf(context: Context, { upstream = [], chain }: InitOptions): UpstreamWish[] {
  const wishes = upstream.map((text) => parseUpstream(text, { chain, env: context.env }))
  const urls = wishes.map(({ url }) => url)
  const twice = urls.find((url, at) => urls.indexOf(url) !== at)
  if (twice !== undefined) {
    throw new CommandError('badInput', `The upstream at ${hostOf(twice)} is given twice.`)
  }
  if (wishes.length > upstreamsMax) {
    throw new CommandError(
      'badInput',
      `At most ${upstreamsMax} upstreams at once; add more in the file.`,
    )
  }
  return wishes
}

async function assertMayWrite(
  context: Context,
  { out, force }: InitOptions,
  prompter: Prompter | undefined,
): Promise<void> {
  assertWritable(context, out)
  if (force || !existsSync(resolve(context.cwd, out))) return
  if (prompter === undefined) {
    throw new CommandError(
      'badInput',
      `${out} exists already: --force overwrites it, --out names another file.`,
    )
  }
  if (await prompter.confirm(`${out} exists already. Overwrite it?`, { initial: false })) return
  throw new CommandError('unexpected', 'Nothing was written.')
}

async function examineAll(
  context: Context,
  wishes: readonly UpstreamWish[],
): Promise<FoundUpstream[]> {
  const findings = await Promise.all(wishes.map((wish) => examineUpstream(context, wish)))
  for (const finding of findings) {
    context.stderr.write(`${finding.ok ? 'ok  ' : 'bad '} ${describeFinding(finding)}\n`)
  }
  const bad = findings.filter((finding) => !finding.ok)
  if (bad.length === 0) {
    return findings.flatMap((finding) => (finding.ok ? [finding.upstream] : []))
  }
  const exit = bad.find((finding) => finding.exit === 'badInput')?.exit ?? 'unreachable'
  const part = `${bad.length} of ${findings.length} upstreams`
  throw new CommandError(
    exit,
    `Nothing was written: ${part} did not pass. Mend or leave out those.`,
  )
}

function report(
  context: Context,
  { out, json }: InitOptions,
  upstreams: readonly NamedUpstream[],
): void {
  if (json) {
    const written = upstreams.map(({ definition, url, latencyMs, ...facts }) => ({
      chain: definition.name,
      host: hostOf(url),
      ...facts,
      latencyMs: Math.round(latencyMs * 10) / 10,
    }))
    writeJson(context, { file: out, upstreams: written })
  } else context.stdout.write(`${out}\n`)
  context.stderr.write(`Next: npx mooring gateway --config ${out}\n`)
}

function upstreamMissing(): CommandError {
  return new CommandError(
    'badInput',
    `--upstream ${upstreamSyntax} is missing, and nobody can be asked here. Give it once for each\n` +
      'upstream; --chain NAME and --out FILE are optional. See `npx mooring init --help`.',
  )
}
