import { readFileSync } from 'node:fs'
import type { HttpAnswer } from '../http/responses.ts'

const html = readFileSync(new URL('./page.html', import.meta.url), 'utf8')

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** One static page; what it shows it reads from `/status`. */
export const pageAnswer: HttpAnswer = {
  status: 200,
  headerLines: Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join(''),
  body: html,
  bodyBytes: Buffer.byteLength(html),
}
