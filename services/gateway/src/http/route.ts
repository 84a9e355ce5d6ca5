import { MarketError } from '@mooring/protocol/market-error'

export type Route =
  | { kind: 'rpc'; chain: string; key: string | undefined }
  | { kind: 'preflight' }
  | { kind: 'page' }
  | { kind: 'status' }

/** Wider than any chain's name, so that a name mistyped is told which names there are. */
const chainName = /^[A-Za-z0-9_.-]{1,64}$/
/** What the admin port has, and whoever asks for it here has the wrong port. */
const operatorPaths = new Set(['health', 'ready', 'metrics', 'v1'])
const keyText = /^[A-Za-z0-9_-]{1,128}$/
const hostText = /^[A-Za-z0-9._~-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/

/**
 * Tells what an HTTP request is for. Method first, then the host, then the path, each against an
 * allow-list; the URL is never handed to a parser that could throw or normalise an escape.
 *
 * @param url - The target of the request as received: a path, or a whole URL as proxies are sent it.
 */
export function routeOf(method: string, url: string, host: string | undefined): Route {
  if (method === 'OPTIONS') return { kind: 'preflight' }
  if (method !== 'POST' && method !== 'GET' && method !== 'HEAD') {
    throw new MarketError(
      'HTTP_METHOD_NOT_ALLOWED',
      `${method} is not served: send JSON-RPC with POST`,
    )
  }
  if (host === undefined || !hostText.test(host)) {
    throw new MarketError('INVALID_REQUEST', 'the Host header must name exactly one host')
  }
  const path = pathOf(url)
  if (method !== 'POST') return pageOf(path)
  const [chain = '', key, ...rest] = path.slice(1).split('/')
  if (path === '/') {
    const message =
      'the path names no chain: send JSON-RPC to POST /{chain}; the page at / lists the chains'
    throw new MarketError('PATH_NOT_FOUND', message)
  }
  if (rest.length === 0 && chainName.test(chain) && key !== undefined && !keyText.test(key)) {
    throw new MarketError(
      'UNAUTHENTICATED',
      'the API key in the path has characters that no key has',
    )
  }
  if (rest.length > 0 || !chainName.test(chain)) {
    const message =
      'the path is not one of ours: send JSON-RPC to POST /{chain} or POST /{chain}/{key}'
    throw new MarketError('PATH_NOT_FOUND', message)
  }
  return { kind: 'rpc', chain, key }
}

function pageOf(path: string): Route {
  if (path === '/') return { kind: 'page' }
  if (path === '/status') return { kind: 'status' }
  const chain = path.slice(1).split('/')[0] ?? ''
  if (operatorPaths.has(chain)) {
    const message = `/${chain} is for operators, who read it at the admin port of the gateway`
    throw new MarketError('PATH_NOT_FOUND', message)
  }
  if (chainName.test(chain)) {
    const message = `JSON-RPC is sent with POST: curl -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}' {this host}/${chain}`
    throw new MarketError('HTTP_METHOD_NOT_ALLOWED', message)
  }
  throw new MarketError(
    'PATH_NOT_FOUND',
    'there is no such page: the page at / lists what is served',
  )
}

/**
 * The path between the authority and the query, one trailing slash ignored. A request without a Host
 * header, such as a proxy's health check, has no authority in its URL.
 */
export function pathOf(url: string): string {
  const authority = url.startsWith('/') ? -1 : url.indexOf('://')
  const start = url.indexOf('/', authority === -1 ? 0 : authority + 3)
  if (start === -1) return '/'
  const query = url.slice(start).search(/[?#]/)
  const path = query === -1 ? url.slice(start) : url.slice(start, start + query)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
