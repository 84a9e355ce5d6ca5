/** What the servers of gateways and witnesses take and answer, apart from their routes. */
export const serverLimits = {
  bodyBytesMax: 17 * 1_048_576,
  broken: {
    contentType: 'application/json',
    body: '{"error":"something broke here: try again"}',
  },
}
