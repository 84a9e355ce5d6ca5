import { FieldProblem } from '@mooring/market/settlement/data-fields'
import {
  type InclusionFile,
  type ProvenRow,
  parseInclusionFile,
  rootsOfInclusions,
} from '@mooring/market/settlement/inclusion-file'
import { readPart } from '@mooring/onchain/contracts'
import { openKeccak } from '@mooring/onchain/keccak'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { argumentAt } from '../../economy/given.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { parseJson } from '../../http.ts'

type Checked = { epoch: bigint; rows: number }

export function addCheckCommand(epoch: Command, context: Context): void {
  addReadingCommand<Checked>(epoch, context, {
    name: 'check',
    summary: 'check a proof of `mooring epoch proof` against the roots on chain',
    description:
      'Recompute the roots that a proof of `mooring epoch proof` leads to and compare them with those that were posted on chain. The epoch’s file is not needed.',
    arguments: { '<file>': 'what `mooring epoch proof` printed' },
    examples: ['npx mooring epoch check proof.json'],
    read: async (system, given) => check(system, readProof(context, argumentAt(given, 0))),
    print: ({ epoch: number, rows }) =>
      `${rows === 1 ? 'The row is' : `All ${rows} rows are`} part of what was posted for epoch ${number}.\n`,
    json: (checked) => checked,
  })
}

function readProof(context: Context, path: string): InclusionFile {
  const { file, text } = readInput(context, path)
  try {
    return parseInclusionFile(parseJson(text))
  } catch (cause) {
    if (!(cause instanceof FieldProblem)) throw cause
    const { path: place, expected, found } = cause
    const what = place === '' ? 'it' : place
    throw new CommandError(
      'badInput',
      `${file} is no proof: ${what} is ${found}, not ${expected}.`,
      {
        cause,
      },
    )
  }
}

async function check(system: System, file: InclusionFile): Promise<Checked> {
  const [roots, activeAt] = await readPart(system, 'epochs', 'rootsOf', [file.epoch])
  if (activeAt === 0n) {
    throw new CommandError('refused', `Epoch ${file.epoch} is not posted, or was disabled.`)
  }
  const rows = rootsOfInclusions(file, await openKeccak())
  const posted = { charges: roots.chargesRoot, performance: roots.performanceRoot }
  const wrong = rows.find(({ tree, root }) => root !== posted[tree])
  if (wrong !== undefined) throw new CommandError('unexpected', refusalOf(wrong, posted))
  return { epoch: file.epoch, rows: rows.length }
}

function refusalOf({ path, tree, root }: ProvenRow, posted: Record<ProvenRow['tree'], string>) {
  const found = root === undefined ? 'to no root at all' : `to ${root}`
  return `${path} leads ${found}; the root of ${tree} that was posted is ${posted[tree]}.`
}
