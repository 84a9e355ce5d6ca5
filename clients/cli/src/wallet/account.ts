import type { Command } from 'commander'
import { Hex, Keystore } from 'ox'
import { type Hex as HexText, isHex, type PrivateKeyAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readInput } from '../files.ts'

export type AccountOptions = { keystore?: string; passwordFile?: string; keyStdin?: true }

const variables = {
  key: 'MOORING_PRIVATE_KEY',
  keystore: 'MOORING_KEYSTORE',
  password: 'MOORING_KEYSTORE_PASSWORD',
  nodeKey: 'MOORING_NODE_PRIVATE_KEY',
  nodePassword: 'MOORING_NODE_KEYSTORE_PASSWORD',
} as const

const wayOn =
  `name a keystore file with --keystore FILE or ${variables.keystore}, put the key into ${variables.key}, ` +
  'or send it to --key-stdin. A key is never an option: other users of the machine can read those.'

/** Options that name a node's own key, for commands that prove it. */
export const nodeKeyOptions = {
  '--node-keystore <file>': `the node's encrypted key; else the key is in ${variables.nodeKey}`,
  '--node-password-file <file>': `its password; else ${variables.nodePassword}, or you are asked`,
} as const

export function addAccountOptions(command: Command): Command {
  return command
    .option('--keystore <file>', `encrypted key (Web3 Secret Storage); else ${variables.keystore}`)
    .option('--password-file <file>', `its password; else ${variables.password}, or you are asked`)
    .option('--key-stdin', 'read the private key from standard input')
}

/** An account with its key, for those few who need more of it than its signature. */
export type WalletKey = { account: PrivateKeyAccount; privateKey: HexText }

/** The account that signs, from exactly one of the places a key may stand in. */
export async function loadAccount(
  context: Context,
  options: AccountOptions,
): Promise<PrivateKeyAccount> {
  const { account } = await loadWallet(context, options)
  return account
}

/** The same with its key. */
export async function loadWallet(context: Context, options: AccountOptions): Promise<WalletKey> {
  if (options.keyStdin && options.keystore !== undefined) {
    throw new CommandError('badInput', 'Give either --keystore or --key-stdin, not both.')
  }
  if (options.keyStdin) return walletOf(await context.readStdin(), 'standard input')
  if (options.keystore !== undefined) return fromKeystore(context, options.keystore, options)
  const key = context.env[variables.key]
  if (key) return walletOf(key, variables.key)
  const keystore = context.env[variables.keystore]
  if (keystore) return fromKeystore(context, keystore, options)
  throw new CommandError('badInput', `Nobody said with which key to sign: ${wayOn}`)
}

/** A node's own key, which proves that it belongs to the node. */
export async function loadNodeAccount(
  context: Context,
  options: Readonly<Record<string, unknown>>,
): Promise<PrivateKeyAccount> {
  const { nodeKeystore, nodePasswordFile } = options
  if (typeof nodeKeystore === 'string') {
    const passwordFile =
      typeof nodePasswordFile === 'string' ? { passwordFile: nodePasswordFile } : {}
    const options = { ...passwordFile, variable: 'nodePassword' } as const
    return (await fromKeystore(context, nodeKeystore, options)).account
  }
  const key = context.env[variables.nodeKey]
  if (key) return walletOf(key, variables.nodeKey).account
  throw new CommandError(
    'badInput',
    `Nobody said which key is the node's: name its keystore with --node-keystore FILE, or put the key into ${variables.nodeKey}.`,
  )
}

function walletOf(text: string, origin: string): WalletKey {
  const trimmed = text.trim()
  const key = trimmed.startsWith('0x') ? trimmed : `0x${trimmed}`
  // The key itself is not repeated: it may be right but for one digit.
  const problem = `${origin} holds no private key: it should be 64 hexadecimal digits.`
  if (!isHex(key) || key.length !== 66) throw new CommandError('badInput', problem)
  try {
    return { account: privateKeyToAccount(key), privateKey: key }
  } catch {
    throw new CommandError('badInput', problem)
  }
}

type Password = { passwordFile?: string; variable?: 'password' | 'nodePassword' }

async function fromKeystore(context: Context, path: string, options: Password): Promise<WalletKey> {
  const { file, text } = readInput(context, path)
  const keystore = parseKeystore(text, file)
  const password = await passwordFor(context, options, file)
  try {
    // The asynchronous one takes no notice of the cost parameters that stand in the file.
    const derived = Keystore.toKey(keystore, { password })
    const privateKey = Keystore.decrypt(keystore, derived, { as: 'Hex' })
    return { account: privateKeyToAccount(privateKey), privateKey }
  } catch (cause) {
    throw new CommandError('badInput', `The password does not open ${file}.`, { cause })
  }
}

function parseKeystore(text: string, file: string): Keystore.Keystore {
  try {
    const value: Keystore.Keystore = JSON.parse(text)
    if (value.version === 3 && Hex.validate(`0x${value.crypto.ciphertext}`)) return value
  } catch {
    // Told below like any other file that is not one.
  }
  throw new CommandError(
    'badInput',
    `${file} is no keystore of version 3, such as \`cast wallet import\` or geth write.`,
  )
}

async function passwordFor(
  context: Context,
  { passwordFile, variable = 'password' }: Password,
  file: string,
): Promise<string> {
  // Editors end a file with a line break; no password does.
  if (passwordFile !== undefined) return readInput(context, passwordFile).text.replace(/\r?\n$/, '')
  const given = context.env[variables[variable]]
  if (given !== undefined) return given
  if (context.prompter !== undefined) {
    return context.prompter.askSecret({ message: `Password of ${file}` })
  }
  const option = variable === 'password' ? '--password-file' : '--node-password-file'
  throw new CommandError(
    'badInput',
    `${file} needs its password: ${option} FILE or ${variables[variable]}.`,
  )
}
