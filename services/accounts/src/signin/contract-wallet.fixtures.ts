import { concat, getContractAddress, type Hex, padHex, toHex } from 'viem'

/** Wallets that are contracts, written by hand: a few instructions say what each does with a question (ERC-1271). */

/** What a signature of the good wallet begins with. */
export const password: Hex = padHex('0xc0ffee', { size: 32 })

/** Says yes to signatures that begin with the password: calldata has them from byte 100 on. */
export const goodWallet: Hex = concat([
  '0x6064357f',
  password,
  '0x14631626ba7e60e01b025f5260205ff3',
])
/** Goes round in a circle until its gas is used up. */
export const gasBomb: Hex = '0x5b5f56'
/** Answers with sixteen megabytes. */
export const memoryBomb: Hex = '0x62ffffff5ff3'
export const revertingWallet: Hex = '0x5f5ffd'
/** Says something, and not the word of the standard. */
export const undecidedWallet: Hex = '0x60015f5260205ff3'
/** Makes a contract of what it is called with, by CREATE2. */
export const factory: Hex = '0x365f5f375f365f5ff55f5260205ff3'

/** Code that deploys `runtime`. */
export function creationCode(runtime: Hex): Hex {
  const length = (runtime.length - 2) / 2
  return concat(['0x60', toHex(length, { size: 1 }), '0x8060095f395ff3', runtime])
}

export function deployedBy(from: Hex, runtime: Hex): Hex {
  return getContractAddress({
    opcode: 'CREATE2',
    from,
    salt: padHex('0x', { size: 32 }),
    bytecode: creationCode(runtime),
  })
}
