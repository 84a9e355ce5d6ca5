import type { Context } from '../../../context.ts'
import { isRecord, parseJson } from '../../../http.ts'
import type { DemoNetwork } from './network.ts'

/** Runs a command line of `mooring` in a context. @returns The exit code. */
export type RunMooring = (context: Context, args: readonly string[]) => Promise<number>

/** Where a demo is played: a local network, and a folder of a person who has just come. */
export type Stage = {
  context: Context
  network: DemoNetwork
  /** Runs a command as that person. Throws when it fails. @returns What it wrote to stdout. */
  mooring(args: readonly string[], env?: Record<string, string>): Promise<Ran>
  /** Aborted when the user has had enough. */
  signal: AbortSignal
}

export type Ran = { stdout: string; stderr: string }

/** What did not happen as it should. */
export class DemoFailure extends Error {
  override name = 'DemoFailure'
}

export function assertShown(condition: boolean, what: string): asserts condition {
  if (!condition) throw new DemoFailure(what)
}

export function openStage(options: {
  context: Context
  network: DemoNetwork
  run: RunMooring
  home: string
  privateKey: string
  signal: AbortSignal
}): Stage {
  const { context, network, run, home, privateKey, signal } = options
  const { PATH, NO_COLOR } = context.env
  // Nothing of whoever runs the demo plays a part in it: neither a wallet nor a session.
  const env = {
    ...{ PATH, NO_COLOR },
    MOORING_HOME: home,
    MOORING_PRIVATE_KEY: privateKey,
    MOORING_RPC_URL: network.rpc,
    MOORING_DEPLOYMENT: network.deployment,
    MOORING_GATEWAY: network.gateway,
    MOORING_ACCOUNTS: network.accounts,
    MOORING_VERIFIERS: network.verifiers.map(({ url }) => url).join(','),
  }
  return {
    ...{ context, network, signal },
    async mooring(args, more = {}) {
      signal.throwIfAborted()
      const stdout: string[] = []
      const stderr: string[] = []
      const code = await run(
        {
          ...context,
          stdout: { write: (text) => void stdout.push(text), isTerminal: false, size },
          stderr: { write: (text) => void stderr.push(text), isTerminal: false, size },
          prompter: undefined,
          env: { ...env, ...more },
          interruption: () => signal,
        },
        args,
      )
      if (code === 0) return { stdout: stdout.join(''), stderr: stderr.join('') }
      const said = stderr.join('').trim().split('\n').slice(-6).join('\n')
      throw new DemoFailure(`\`mooring ${args.join(' ')}\` ended with ${code}:\n${said}`)
    },
  }
}

const size = () => undefined

/** The answer of a command under `--json`. */
export function answerIn({ stdout }: Ran): Record<string, unknown> {
  const answer = parseJson(stdout)
  assertShown(isRecord(answer), 'a command answered without JSON')
  return answer
}
