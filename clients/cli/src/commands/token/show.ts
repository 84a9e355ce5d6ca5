import type { Command } from 'commander'
import { heldTokenOf } from '../../access/held-token.ts'
import { loadKey } from '../../access/key-store.ts'
import { createProof } from '../../access/proof.ts'
import { tokenFacts } from '../../access/token-facts.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'

type ShowOptions = { raw?: true; json?: true }

export function addTokenShowCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'show',
    summary: 'show what a token says',
    description:
      'Show what the token of a key says. With --raw stdout is nothing but the token itself.',
    arguments: { '<name>': 'its key' },
    options: {
      '--raw': 'print the token itself, and nothing else',
      '--json': 'print one JSON object',
    },
    examples: ['npx mooring token show mine', 'npx mooring token show mine --json'],
  }).action((name: string, options: ShowOptions) => show(context, name, options))
}

function show(context: Context, name: string, options: ShowOptions): void {
  const key = loadKey(context, name)
  const { raw, token } = heldTokenOf(key)
  const { claims, kid } = token
  const isExpired = claims.exp * 1_000 <= Date.now()
  if (options.json) {
    writeJson(context, { key: name, kid, isExpired, claims, token: options.raw ? raw : undefined })
  } else if (options.raw) context.stdout.write(`${raw}\n`)
  else context.stdout.write(`${factLines([...tokenFacts(key), ['signed with', kid]])}`)
  if (isExpired) context.stderr.write('It has expired: ask for another one.\n')
}

type ProofOptions = { method: string; url: string; json?: true }

export function addTokenProofCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'proof',
    summary: 'sign the proof that a token is sent along with',
    description:
      'Sign the proof that a request with a token of `--delivery proof` carries in its `DPoP` header. Each is good once, for about a minute.',
    arguments: { '<name>': 'its key' },
    required: { '--url <url>': 'where the request goes' },
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring token proof mine --url http://127.0.0.1:8545/eth'],
  })
    .option('--method <method>', 'its HTTP method', 'POST')
    .action((name: string, options: ProofOptions) => prove(context, name, options))
}

async function prove(context: Context, name: string, options: ProofOptions): Promise<void> {
  const key = loadKey(context, name)
  const { method, url } = options
  if (key.material.delivery !== 'proof') {
    throw new CommandError(
      'badInput',
      `The key ${name} signs no proofs: \`npx mooring keys new NAME --delivery proof\` makes one that does.`,
    )
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new CommandError(
      'badInput',
      `--url ${JSON.stringify(url)} is no http:// or https:// URL.`,
    )
  }
  if (!/^[A-Z]{1,16}$/.test(method)) {
    throw new CommandError('badInput', `--method ${JSON.stringify(method)} is no HTTP method.`)
  }
  const { raw } = heldTokenOf(key)
  const wanted = { method, url, token: raw, nowMs: Date.now() }
  const proof = await createProof(key.material.jwk, wanted)
  if (options.json) writeJson(context, { key: name, proof })
  else context.stdout.write(`${proof}\n`)
}
