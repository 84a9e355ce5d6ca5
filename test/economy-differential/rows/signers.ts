import { signerSetsAbi } from '@mooring/abis/signer-sets'
import { bondOf, signerRoles } from '@mooring/market/economy/signers/signer-sets'
import { roleNumbers } from '../calls/contract-call.ts'
import { addressWith } from '../cast.ts'
import { type RowsOf, rowsFrom } from './row.ts'

export const signerRows: RowsOf = ({ parts, cast }, { signerSets }) => {
  const row = rowsFrom('signerSets', parts.signerSets, signerSetsAbi)
  const signers = [...cast.signers, cast.outsider]
  return [
    ...signers.map((signer) => {
      const { bond, withdrawableAt } = bondOf(signerSets, signer)
      return row('bondOf', [addressWith(signer)], [bond, withdrawableAt])
    }),
    ...signerRoles.flatMap((role) => {
      const { members, threshold } = signerSets.installed[role]
      const next = signerSets.announced[role]
      const announced = [next?.members ?? [], next?.threshold ?? 0n, next?.installableAt ?? 0n]
      return [
        row('membersOf', [roleNumbers[role]], [members, threshold]),
        row('announcedOf', [roleNumbers[role]], announced),
        ...signers.map((signer) =>
          row('isMember', [roleNumbers[role], addressWith(signer)], members.includes(signer)),
        ),
      ]
    }),
  ]
}
