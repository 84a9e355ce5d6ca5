/** Ports above the system's own at which something else than a web server is usual; browsers avoid many of them too. */
const portsOfOthers: ReadonlySet<number> = new Set([
  1080, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306,
  3389, 3659, 4045, 4190, 4222, 4369, 5060, 5061, 5432, 5433, 5672, 5900, 5901, 5984, 5985, 5986,
  6000, 6379, 6380, 6432, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7000, 7001, 8020,
  8500, 9042, 9092, 9100, 9160, 9200, 9300, 9418, 10080, 10250, 10255, 11211, 15672, 26257, 27017,
  27018, 50070, 61616,
])

/** With the one port, nobody can have another service of a host spoken to. */
export const onlySecurePort = (port: number): boolean => port === 443

/** The secure port, or one that belongs to no service of its own: nodes seldom have the first to themselves. */
export function isPortForNodes(port: number): boolean {
  return port === 443 || (port >= 1_024 && port <= 65_535 && !portsOfOthers.has(port))
}
