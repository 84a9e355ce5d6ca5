// Compiled from demo-contract.sol by solc 0.8.37: optimizer at 200 runs, evmVersion paris, no metadata.
import type { Hex } from 'viem'

export const demoTokenAbi = [
  {
    inputs: [{ internalType: 'uint256', name: 'supply', type: 'uint256' }],
    stateMutability: 'nonpayable',
    type: 'constructor',
  },
  {
    inputs: [
      { internalType: 'address', name: 'owner', type: 'address' },
      { internalType: 'uint256', name: 'held', type: 'uint256' },
      { internalType: 'uint256', name: 'asked', type: 'uint256' },
    ],
    name: 'DemoTokenInsufficientBalance',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'address', name: 'caller', type: 'address' },
      { internalType: 'uint256', name: 'reasonNumber', type: 'uint256' },
    ],
    name: 'DemoTokenRefused',
    type: 'error',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'address', name: 'from', type: 'address' },
      { indexed: true, internalType: 'address', name: 'to', type: 'address' },
      { indexed: false, internalType: 'uint256', name: 'value', type: 'uint256' },
    ],
    name: 'Transfer',
    type: 'event',
  },
  {
    inputs: [{ internalType: 'address', name: 'owner', type: 'address' }],
    name: 'balanceOf',
    outputs: [{ internalType: 'uint256', name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'decimals',
    outputs: [{ internalType: 'uint8', name: '', type: 'uint8' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'uint256', name: 'reasonNumber', type: 'uint256' }],
    name: 'fail',
    outputs: [],
    stateMutability: 'view',
    type: 'function',
  },
  { inputs: [], name: 'failWithReason', outputs: [], stateMutability: 'pure', type: 'function' },
  {
    inputs: [],
    name: 'name',
    outputs: [{ internalType: 'string', name: '', type: 'string' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'symbol',
    outputs: [{ internalType: 'string', name: '', type: 'string' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'totalSupply',
    outputs: [{ internalType: 'uint256', name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'address', name: 'to', type: 'address' },
      { internalType: 'uint256', name: 'value', type: 'uint256' },
    ],
    name: 'transfer',
    outputs: [{ internalType: 'bool', name: '', type: 'bool' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

export const demoTokenBytecode: Hex =
  '0x6080604052348015600f57600080fd5b50604051610458380380610458833981016040819052602c91607b565b600081815533808252600160209081526040808420859055518481529192917fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef910160405180910390a3506093565b600060208284031215608c57600080fd5b5051919050565b6103b6806100a26000396000f3fe608060405234801561001057600080fd5b50600436106100885760003560e01c806370a082311161005b57806370a082311461010c57806395d89b411461012c578063a9059cbb1461014f578063e7cb52321461017257600080fd5b806306fdde031461008d578063132e4f3c146100c657806318160ddd146100db578063313ce567146100f2575b600080fd5b6100b06040518060400160405280600481526020016344656d6f60e01b81525081565b6040516100bd91906102ab565b60405180910390f35b6100d96100d43660046102f9565b61017a565b005b6100e460005481565b6040519081526020016100bd565b6100fa601281565b60405160ff90911681526020016100bd565b6100e461011a36600461032e565b60016020526000908152604090205481565b6100b06040518060400160405280600481526020016344454d4f60e01b81525081565b61016261015d366004610350565b6101a1565b60405190151581526020016100bd565b6100d9610270565b6040516364c56da560e11b8152336004820152602481018290526044015b60405180910390fd5b33600090815260016020526040812054808311156101e25760405163138edb8160e21b81523360048201526024810182905260448101849052606401610198565b6101ec8382610390565b33600090815260016020526040808220929092556001600160a01b0386168152908120805485929061021f9084906103a3565b90915550506040518381526001600160a01b0385169033907fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef9060200160405180910390a360019150505b92915050565b60405162461bcd60e51b815260206004820152601060248201526f7468652064656d6f207265667573657360801b6044820152606401610198565b602081526000825180602084015260005b818110156102d957602081860181015160408684010152016102bc565b506000604082850101526040601f19601f83011684010191505092915050565b60006020828403121561030b57600080fd5b5035919050565b80356001600160a01b038116811461032957600080fd5b919050565b60006020828403121561034057600080fd5b61034982610312565b9392505050565b6000806040838503121561036357600080fd5b61036c83610312565b946020939093013593505050565b634e487b7160e01b600052601160045260246000fd5b8181038181111561026a5761026a61037a565b8082018082111561026a5761026a61037a56'
