import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import type { Settlement } from '@mooring/market/settlement/settle-epoch'
import { compareWithChain, StateGone } from '@mooring/onchain/epoch-on-chain'
import { openKeccak } from '@mooring/onchain/keccak'
import { verifyEpochFile } from '@mooring/onchain/verify-epoch-file'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatCount } from '../../economy/amounts.ts'
import { addCommand } from '../../economy/given.ts'
import { withoutBigints } from '../../economy/reading-command.ts'
import { factLines } from '../../economy/signing.ts'
import {
  addSystemOptions,
  connect,
  isSystemNamed,
  type SystemOptions,
} from '../../economy/system.ts'
import { epochFacts } from '../../epochs/epoch-facts.ts'
import { readEpochSource } from '../../epochs/epoch-source.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'

type VerifyOptions = SystemOptions & { json?: true }

/** What was found out. Without a file the bytes are none. */
type Finding = {
  differences: Difference[]
  file?: ReadEpochFile
  settlement?: Settlement | undefined
  chain: 'not asked' | 'not posted' | { activeAt: bigint }
}

const differencesShownMax = 20

export function addVerifyCommand(epoch: Command, context: Context): void {
  const added = addCommand(epoch, {
    name: 'verify',
    summary: 'recompute every root, payout and signature of an epoch',
    description:
      'Recompute every root, every payout and every signature of a receipt from the data of a closed epoch, and say what differs. With --rpc or --deployment what the chain says is compared as well.',
    arguments: { '<file>': 'the file that verifiers published, or its http:// or https:// URL' },
    examples: [
      'npx mooring epoch verify epoch-12.json',
      'npx mooring epoch verify https://mooring.example/epoch-12.json --rpc https://node.example',
    ],
  })
  addSystemOptions(added)
    .option('--json', 'print one JSON object')
    .action(async (source: string, options: VerifyOptions) => {
      const bytes = await readEpochSource(context, source)
      context.stderr.write(`${formatCount(bytes.length)} bytes\n`)
      const finding = await find(context, bytes, options)
      if (options.json) writeJson(context, withoutBigints(reportOf(finding)))
      else context.stdout.write(formatFinding(finding))
      const { length } = finding.differences
      if (length === 0) return
      const what = length === 1 ? 'one thing differs' : `${formatCount(length)} things differ`
      throw new CommandError('unexpected', `${source} does not hold: ${what}.`)
    })
}

async function find(context: Context, bytes: Uint8Array, options: VerifyOptions): Promise<Finding> {
  const { stderr } = context
  const { file, ...found } = await verifyEpochFile(bytes, {
    keccak: await openKeccak(),
    onRecomputed: () => stderr.write('roots and payouts recomputed\n'),
    onChecked: (count, all) => tellProgress(context, count, all),
  })
  if (file === undefined) return { ...found, chain: 'not asked' }
  stderr.write(`${formatCount(2 * file.data.receipts.length)} signatures of receipts checked\n`)
  const finding: Finding = { ...found, file, chain: 'not asked' }
  if (!isSystemNamed(context, options)) {
    stderr.write('No chain was asked: name one with --rpc URL or --deployment FILE.\n')
    return finding
  }
  return askChain(context, finding, { file, options })
}

/** So often somebody is told how far it is. */
const progressReceipts = 5_000

function tellProgress({ stderr }: Context, count: number, all: number): void {
  if (count % progressReceipts !== 0) return
  stderr.write(`${formatCount(count)} of ${formatCount(all)} receipts\n`)
}

async function askChain(
  context: Context,
  finding: Finding,
  { file, options }: { file: ReadEpochFile; options: VerifyOptions },
): Promise<Finding> {
  const system = await connect(context, options)
  try {
    const { differences, activeAt } = await compareWithChain(system, file)
    return {
      ...finding,
      differences: [...finding.differences, ...differences],
      chain: activeAt === undefined ? 'not posted' : { activeAt },
    }
  } catch (cause) {
    if (!(cause instanceof StateGone)) throw cause
    throw new CommandError('unreachable', `The chain was not compared: ${cause.message}.`, {
      cause,
    })
  }
}

function reportOf({ differences, file, settlement, chain }: Finding): object {
  return {
    holds: differences.length === 0,
    ...(file === undefined ? {} : { epoch: file.data.epoch.number, roots: file.roots }),
    ...(settlement === undefined
      ? {}
      : {
          available: settlement.available,
          withheld: settlement.withheld,
          left: settlement.left,
          receipts: file?.data.receipts.length,
        }),
    chain: typeof chain === 'string' ? chain : 'posted',
    activeAt: typeof chain === 'string' ? null : chain.activeAt,
    differences,
  }
}

function formatFinding({ differences, file, settlement, chain }: Finding): string {
  const facts =
    file === undefined || settlement === undefined ? [] : epochFacts({ file, settlement })
  const posted =
    typeof chain === 'string' ? chain : `posted, counts from second ${chain.activeAt} on`
  const shown = differences.slice(0, differencesShownMax)
  const more = differences.length - shown.length
  return [
    factLines([
      ...facts,
      ['chain', posted],
      ['differs', differences.length === 0 ? 'nothing' : formatCount(differences.length)],
    ]),
    ...shown.map(({ path, expected, found }) => {
      const place = path === '' ? 'the file' : path
      return `  ${place}\n    expected ${expected}\n    found    ${found}\n`
    }),
    more > 0 ? `  and ${formatCount(more)} more: --json tells all of them\n` : '',
  ].join('')
}
