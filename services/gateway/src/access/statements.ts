/**
 * What checks signatures of verifiers and operators. Loaded when it is first needed: the library below it takes 20 MB
 * and a quarter of a second, which a gateway without deposits has no use for.
 */
export function loadStatements() {
  return import('@mooring/onchain/access-statements')
}

export function loadAgreementStatement() {
  return import('@mooring/onchain/agreement-statement')
}
