import { readFileSync } from 'node:fs'

const html = readFileSync(new URL('./page.html', import.meta.url), 'utf8')

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** One static page; what it shows it reads from `/v1/network`. */
export function pageAnswer(): Response {
  return new Response(html, { headers })
}
