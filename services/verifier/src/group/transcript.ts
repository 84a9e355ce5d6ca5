import { type Address, type Hex, keccak256, stringToHex } from 'viem'
import { identifierOf, type Round1, toJson } from './frost.ts'

/** What a member says first in the ceremony that makes a key. */
export type Hello = {
  round1: Round1
  /** Fresh, so that no two ceremonies are taken for one. */
  nonce: string
  /** Seconds since 1970 from which this member would use the key; the latest of all is taken. */
  usedFrom: number
}

export type CeremonyTerms = {
  generation: number
  /** In ascending order. */
  members: readonly Address[]
  threshold: number
}

/**
 * One hash of everything that was said to everyone. Members compare it before any of them gives a share away, so that
 * nobody can have told different things to different members.
 */
export function transcriptOf(
  { generation, members, threshold }: CeremonyTerms,
  hellos: ReadonlyMap<Address, Hello>,
): Hex {
  const said = members.map((member) => {
    const hello = hellos.get(member)
    if (hello === undefined) throw new Error(`${member} has said nothing`)
    return [member.toLowerCase(), toJson(hello.round1), hello.nonce, hello.usedFrom]
  })
  return keccak256(stringToHex(JSON.stringify([generation, threshold, said])))
}

export function usedFromOf(hellos: ReadonlyMap<Address, Hello>): number {
  return Math.max(...[...hellos.values()].map(({ usedFrom }) => usedFrom))
}

/** What is wrong with what a member said, whoever it is; undefined when nothing is. */
export function helloProblem(
  member: Address,
  { round1, usedFrom }: Hello,
  { threshold, latest }: CeremonyTerms & { latest: number },
): string | undefined {
  if (round1.identifier !== identifierOf(member)) return 'it speaks as another member'
  if (round1.commitment.length !== threshold) return 'its polynomial has another degree'
  if (usedFrom > latest) return 'it would use the key in a future that is too far'
  return undefined
}
