const textLengthMax = 1_024

/** Any scheme with what follows it: `http://…`, `enode://…`. */
const urls = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>]+/gi
/** IPv4 and bracketed IPv6, with or without a port. */
const addresses = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[[0-9a-f:.]{3,45}\](?::\d{1,5})?/gi
/** Names of hosts with a port. */
const hostsWithPort = /\b(?:(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}|localhost):\d{2,5}\b/gi
/** Names of hosts: labels with dots that end in letters, or anything with a port. */
const hosts =
  /\b(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}\b(?::\d{1,5})?|\b[a-z0-9][a-z0-9-]{0,62}:\d{2,5}\b/gi

/** Words of a node that nobody has read before, without what could tell where it stands. */
export function withoutAddresses(text: string): string {
  return text
    .slice(0, textLengthMax)
    .replace(urls, '(address)')
    .replace(addresses, '(address)')
    .replace(hosts, '(address)')
}

/**
 * Words of a node that are known, without the addresses that some proxies and vendors add to them. Names
 * with dots stay: nodes name types of their programs by such.
 */
export function withoutPlaces(text: string): string {
  return text
    .replace(urls, '(address)')
    .replace(addresses, '(address)')
    .replace(hostsWithPort, '(address)')
}

/** As `withoutPlaces`, of every text in JSON data; what holds none keeps its bytes. */
export function dataWithoutPlaces(dataJson: string): string {
  if (withoutPlaces(dataJson) === dataJson) return dataJson
  return JSON.stringify(JSON.parse(dataJson), (_name, value: unknown) =>
    typeof value === 'string' ? withoutPlaces(value) : value,
  )
}
