import { type ErrorSignal, traces } from './error-signal.ts'

/** Read before all others: what runs or quotes the caller's own words. */
export const executionTexts: readonly ErrorSignal[] = [
  // A revert carries data. Some vendors put 3 on lost state, without data.
  {
    class: 'PRUNED_STATE',
    codes: [3],
    withoutData: true,
    phrases: ['^missing trie node ', '^historical state *available'],
  },
  // A contract writes its reason as it likes: nothing may read it before these rows.
  { class: 'REVERT', codes: [3] },
  {
    class: 'REVERT',
    phrases: [
      'execution reverted',
      'vm exception while processing transaction: revert',
      '^vm execution error',
      '^reverted 0x',
      '^revert$',
      '^reverted$',
      '^transaction: revert',
      '^transaction reverted',
      '^evm revert',
      'revert reason:',
    ],
  },
  // What a tracer throws stands before these words, written by the caller who sent the tracer.
  {
    class: 'EXECUTION_TIMEOUT',
    methods: traces,
    phrases: ['^execution timeout*in server-side tracer function'],
  },
  {
    class: 'INVALID_PARAMS_SPECIFIC',
    methods: traces,
    phrases: ['in server-side tracer function'],
  },
  { class: 'NONCE_TOO_LOW', codes: [-38010] },
  { class: 'NONCE_TOO_HIGH', codes: [-38011] },
  { class: 'UNDERPRICED', codes: [-38012] },
  { class: 'FUNDS', codes: [-38014] },
  { class: 'GAS_OR_SIZE_INVALID', codes: [-38013, -38015, -38025] },
  { class: 'INVALID_PARAMS_SPECIFIC', codes: [-38020, -38021, -38022, -38023, -38024] },
  { class: 'INVALID_PARAMS_GENERIC', codes: [-38026] },
  // These quote the caller. They are known by how they begin, so that a quoted text decides nothing.
  {
    class: 'INVALID_PARAMS_SPECIFIC',
    phrases: [
      '^invalid argument ',
      '^missing value for required argument',
      '^too many arguments',
      '^invalid type: ',
      '^invalid value: ',
      '^missing field ',
      '^unknown field ',
      '^unknown variant ',
      '^json: cannot unmarshal',
      '^invalid params: invalid type',
    ],
  },
]

/** Read last: what else nodes say of a request they cannot read. */
export const paramsTexts: readonly ErrorSignal[] = [
  {
    class: 'UPSTREAM_PARSE_ERROR',
    codes: [-32601],
    phrases: ['^parse error', '^invalid request$'],
  },
  {
    class: 'INVALID_PARAMS_SPECIFIC',
    phrases: [
      'hex string without 0x prefix',
      'hex string of odd length',
      'hex number with leading zero digits',
      'missing value for required argument',
      'param is required',
      'invalid address',
      'invalid block range param',
    ],
  },
  {
    class: 'INVALID_PARAMS_SPECIFIC',
    codes: [-32602],
    phrases: ['cannot unmarshal', 'failed to parse', 'invalid length', 'invalid hex'],
  },
]
