import { createHash, timingSafeEqual } from 'node:crypto'

/** Takes as long whatever they have in common. */
export function isSame(one: string, other: string): boolean {
  const digests = [one, other].map((text) => createHash('sha256').update(text).digest())
  // Two texts make two digests.
  return timingSafeEqual(digests[0]!, digests[1]!)
}

/** Whether an `Authorization` header bears one of them; the time it takes tells nothing of which. */
export function bearsOne(
  authorization: string | undefined,
  credentials: readonly string[],
): boolean {
  const [, borne = ''] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? []
  return credentials.filter((credential) => isSame(credential, borne)).length > 0
}
