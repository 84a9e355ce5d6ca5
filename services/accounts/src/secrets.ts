import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What somebody bears, and what is kept of it. */

const secretBytes = 32

/** 43 characters of base64url, 256 bits of chance. */
export function createSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

/** SHA-256 as base64url. Of something that cannot be guessed, so that no salt is needed. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** HMAC-SHA-256 as hexadecimal digits. */
export function macOf(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
