import type { Command } from 'commander'
import { deriveMaterial } from '../../access/derive-key.ts'
import type { KeyFile } from '../../access/key-file.ts'
import {
  commitmentOf,
  createAccessMaterial,
  createProofMaterial,
  type KeyMaterial,
  walletMaterial,
} from '../../access/key-material.ts'
import { addKey, fileOf, parseKeyName } from '../../access/key-store.ts'
import type { Context } from '../../context.ts'
import { factLines } from '../../economy/signing.ts'
import { addSystemOptions, connect, type SystemOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { writeJson } from '../../terminal/json.ts'
import { type AccountOptions, addAccountOptions, loadWallet } from '../../wallet/account.ts'

export type NewKeyOptions = SystemOptions &
  AccountOptions & { delivery: string; derive?: true; show?: true; json?: true }

export function addKeysNewCommand(parent: Command, context: Context): void {
  const command = parent
    .command('new')
    .summary('make a key')
    .description(
      'Make a key and keep it in your folder, readable by you alone. Nothing of it is sent anywhere: a deposit names its commitment, and gateways take it on that.',
    )
    .argument('<name>', 'what you call it')
    .option(
      '--delivery <how>',
      'key: sent along with requests; wallet: none, the token is sealed to your wallet and borne; proof: signs every request',
      'key',
    )
    .option(
      '--derive',
      'compute the key from a signature of your wallet instead of choosing it at random: should its file be lost, the same wallet makes the same key again. One wallet has one such key',
    )
    .option('--show', 'print the key as well')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'before',
      examples('npx mooring keys new mine', 'npx mooring keys new mine --derive'),
    )
  addAccountOptions(addSystemOptions(command)).action((name: string, options: NewKeyOptions) =>
    newKey(context, name, options),
  )
}

async function newKey(context: Context, name: string, options: NewKeyOptions): Promise<void> {
  const key = await makeKey(context, name, options)
  const secret = options.show ? secretOf(key) : undefined
  const { commitment, material, derivedFrom } = key
  if (options.json) {
    writeJson(context, { name, delivery: material.delivery, commitment, derivedFrom, key: secret })
    return
  }
  context.stdout.write(
    factLines([
      ['name', name],
      ['delivery', material.delivery],
      ['commitment', commitment],
      ...(secret === undefined ? [] : ([['key', secret]] as const)),
    ]),
  )
  context.stderr.write(
    `Kept in ${fileOf(context, name)}. ${backUpText(key)}\n` +
      `\`npx mooring deposit AMOUNT --key ${name}\` makes a deposit that it may use.\n`,
  )
}

function backUpText({ derivedFrom, material }: KeyFile): string {
  if (derivedFrom !== undefined) {
    return `Should it be lost, \`npx mooring keys new NAME --derive\` with the wallet ${derivedFrom} makes the same key again.`
  }
  return material.delivery === 'wallet'
    ? 'Your wallet is what opens its tokens.'
    : 'Back it up: nobody else has it.'
}

/** Makes a key of the kind that was asked for, and keeps it. */
export async function makeKey(
  context: Context,
  name: string,
  options: Omit<NewKeyOptions, 'show' | 'json'>,
): Promise<KeyFile> {
  parseKeyName(name)
  const { material, derivedFrom } = await materialFor(context, options)
  const key: KeyFile = {
    name,
    createdAt: Math.floor(Date.now() / 1_000),
    commitment: commitmentOf(material),
    material,
    ...(derivedFrom === undefined ? {} : { derivedFrom }),
  }
  addKey(context, key)
  return key
}

async function materialFor(
  context: Context,
  options: Omit<NewKeyOptions, 'show' | 'json'>,
): Promise<{ material: KeyMaterial; derivedFrom?: KeyFile['derivedFrom'] }> {
  const { delivery, derive } = options
  if (derive && delivery !== 'key') {
    throw new CommandError(
      'badInput',
      '--derive makes a key of --delivery key, and no other: leave out one of the two.',
    )
  }
  switch (delivery) {
    case 'key': {
      if (!derive) return { material: createAccessMaterial() }
      const { chainId, parts } = (await connect(context, options)).deployment
      const { account } = await loadWallet(context, options)
      const domain = { chainId, ankrEscrow: parts.ankrEscrow }
      return { material: await deriveMaterial(domain, account), derivedFrom: account.address }
    }
    case 'wallet': {
      const { account, privateKey } = await loadWallet(context, options)
      return { material: walletMaterial(account.address, privateKey) }
    }
    case 'proof':
      return { material: await createProofMaterial() }
  }
  throw new CommandError('badInput', '--delivery is one of key, wallet, proof.')
}

/** What must be known to nobody else; undefined where the wallet keeps it. */
function secretOf({ material }: KeyFile): string | undefined {
  if (material.delivery === 'wallet') return undefined
  return material.delivery === 'key' ? material.key : JSON.stringify(material.jwk)
}
