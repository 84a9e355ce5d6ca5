const label = new TextEncoder().encode('mooring project key v1')

/**
 * The bytes whose SHA-256 the accounts service keeps of a project's key: a label, then the key's 32 bytes. What stands on
 * chain of a deposit's key is the SHA-256 of its 32 bytes alone, so that a hash which somebody copied from there is that
 * of no project's key.
 */
export function projectKeyInput(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(label.length + key.length)
  input.set(label)
  input.set(key, label.length)
  return input
}
