/** Where to connect, and the part of a request that is the same for every one until other headers are set. */
export type UpstreamAddress = {
  host: string
  port: number
  tls: UpstreamTls | undefined
  /** The request head up to and with `content-length: `. */
  headStart: string
}

/** Verification is asked for by name because Bun takes an empty object for no TLS at all. */
type UpstreamTls = { rejectUnauthorized: true; serverName?: string; ca?: string }

/**
 * @param headers - Added to every request. They may replace `accept`, `authorization`, `content-type`,
 *   `host` and `user-agent`. Throws on those that say where a message ends: the client sets them.
 */
export function parseUpstreamAddress(
  url: URL,
  options: { headers: Readonly<Record<string, string>>; ca: string | undefined },
): UpstreamAddress {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`an upstream is reached by http or https, not by ${url.protocol}`)
  }
  const isTls = url.protocol === 'https:'
  // A URL writes an IPv6 address in brackets; the resolver wants it bare.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    host,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    tls: isTls ? tlsOf(host, options.ca) : undefined,
    headStart: headStartOf(url, options.headers),
  }
}

/** A whole request, head and body. It stays text, which a socket takes as it is: the copy into bytes is its own. */
export type RequestText = { text: string; bytes: number }

/** @param headerLines - Further headers of this request alone, each line with its end. */
export function requestOf(
  { headStart }: UpstreamAddress,
  body: string,
  headerLines = '',
): RequestText {
  const bodyBytes = Buffer.byteLength(body)
  const head = `${headStart}${bodyBytes}\r\n${headerLines}\r\n`
  return { text: head + body, bytes: head.length + bodyBytes }
}

function tlsOf(host: string, ca: string | undefined): UpstreamTls {
  const tls: UpstreamTls = { rejectUnauthorized: true }
  // Only a DNS name may be sent as the server's name: RFC 6066, section 3.
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host)
  if (!isAddress) tls.serverName = host
  if (ca !== undefined) tls.ca = ca
  return tls
}

function headStartOf(url: URL, headers: Readonly<Record<string, string>>): string {
  const fields = new Map([
    ['host', url.host],
    ['user-agent', 'mooring'],
    ['accept', 'application/json'],
    ['accept-encoding', 'gzip'],
    ['content-type', 'application/json'],
  ])
  if (url.username !== '' || url.password !== '') {
    fields.set('authorization', `Basic ${basicCredentials(url)}`)
  }
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase()
    if (framingNames.has(key)) throw new Error(`the header ${key} cannot be set for an upstream`)
    if (!nameSyntax.test(key) || valueFlaw.test(value)) {
      throw new Error(`the header ${JSON.stringify(key)} or its value is not well formed`)
    }
    fields.set(key, value)
  }
  const lines = Array.from(fields, ([name, value]) => `${name}: ${value}\r\n`).join('')
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines}content-length: `
}

/** Whether a configuration may set the header; the others frame the request and are the client's own. */
export function isSettableHeader(name: string): boolean {
  const key = name.toLowerCase()
  return nameSyntax.test(key) && !framingNames.has(key)
}

const framingNames = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const nameSyntax = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const valueFlaw = /[\r\n\0]/

function basicCredentials(url: URL): string {
  return Buffer.from(`${unescaped(url.username)}:${unescaped(url.password)}`).toString('base64')
}

/** A lone percent sign in a password is no escape: it stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
