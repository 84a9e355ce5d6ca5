import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { Target } from '@mooring/outbound/target'

export type Post = {
  body: string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
  /** Certificates to trust besides those of the system. */
  ca?: string | undefined
}

/** `problem` is undefined for an answer of 2xx. It is shown to whoever has set the target up: few words, no address. */
export type Posted = { problem: string | undefined }

/** More than the first line of an answer is not read. */
const answerBytesMax = 4_096

/**
 * Sends one POST to the address that was checked, and reads whether it was taken. By hand, because a client would ask
 * for the name again, follow redirects, and read bodies.
 */
export async function post(target: Target, sent: Post): Promise<Posted> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const timer = setTimeout(() => resolve('no answer in time'), sent.timeoutMs)
  const socket = open(target, sent)
  let text = ''
  socket.once(target.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    socket.write(requestText(target.url, sent))
  })
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (text.includes('\r\n') || text.length > answerBytesMax) resolve(problemOf(text))
  })
  socket.once('error', () => resolve('no connection'))
  socket.once('close', () => resolve('no answer'))
  try {
    return { problem: await promise }
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

function open({ url, address }: Target, { ca }: Post): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:') {
    return connectPlain({ host: address, port: Number(url.port || 80) })
  }
  return connectSecure({
    host: address,
    port: Number(url.port || 443),
    // What the certificate has to be for; an address is no name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  })
}

function requestText(url: URL, { body, headers }: Post): string {
  const lines = [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: mooring-accounts',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function problemOf(text: string): string | undefined {
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) return 'an answer that is not HTTP'
  if (status >= 300 && status < 400) return `a redirect (${status}), which is not followed`
  return status >= 200 && status < 300 ? undefined : `status ${status}`
}
