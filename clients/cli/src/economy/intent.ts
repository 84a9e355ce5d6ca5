import type { Abi, Address, Hex } from 'viem'

/** One transaction of an intent. */
export type Call = {
  /** Short, for the list of what will be sent: `approve 1,000 ANKR`. */
  label: string
  to: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
}

/** What a command is about to do, before anything is signed. */
export type Intent = {
  /** One sentence: `Delegate 1,000 ANKR to provider 3.` */
  what: string
  /** What follows from it, one fact a line: dates, limits, what it costs beyond gas. */
  facts: readonly (readonly [label: string, value: string])[]
  calls: readonly Call[]
}

export type Sent = { label: string; hash: Hex; block: bigint; gasUsed: bigint; feeWei: bigint }
