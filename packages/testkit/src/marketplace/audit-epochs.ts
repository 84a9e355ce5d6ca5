import { parseEpochFile, type ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import { readPart } from '@mooring/onchain/contracts'
import { compareWithChain } from '@mooring/onchain/epoch-on-chain'
import { openKeccak } from '@mooring/onchain/keccak'
import { wrongSignatures } from '@mooring/onchain/receipt-statement'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Stage } from './story.ts'

/** One epoch that was posted. */
export type EpochLine = {
  number: bigint
  charged: bigint
  available: bigint
  paid: bigint
  withheld: bigint
  receipts: number
}

export type EpochsAudit = { files: ReadEpochFile[]; lines: EpochLine[]; problems: string[] }

/** Recomputes every epoch that was posted from its file, and compares it with the chain. */
export async function auditEpochs({ world }: Stage): Promise<EpochsAudit> {
  const { economy, billing } = world
  const keccak = await openKeccak()
  const audit: EpochsAudit = { files: [], lines: [], problems: [] }
  let [number, any] = await readPart(economy, 'epochs', 'latest', [])
  while (any) {
    const [posted] = await readPart(economy, 'epochs', 'rootsOf', [number])
    const response = await fetch(
      `${billing.process.url}${settlementPaths.epochFile(posted.dataHash)}`,
    )
    if (!response.ok) throw new Error(`there is no file of epoch ${number}`)
    const file = parseEpochFile(await response.bytes(), keccak)
    const { settlement, differences } = verifyEpoch(file, keccak)
    const onChain = await compareWithChain(economy, file)
    const unsigned = await wrongSignatures(file.data, { keccak })
    for (const { path, expected, found } of [...differences, ...onChain.differences, ...unsigned]) {
      audit.problems.push(`epoch ${number}, ${path}: expected ${expected}, found ${found}`)
    }
    audit.files.unshift(file)
    if (settlement !== undefined) {
      audit.lines.unshift({
        number,
        charged: file.data.served.reduce((sum, { charged }) => sum + charged, 0n),
        available: settlement.available,
        paid: file.data.payouts.reduce((sum, { amount }) => sum + amount, 0n),
        withheld: settlement.withheld,
        receipts: file.data.receipts.length,
      })
    }
    const { previous } = file.data
    any = previous !== null
    number = previous?.number ?? 0n
  }
  return audit
}
