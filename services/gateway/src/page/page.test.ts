import { expect, test } from 'bun:test'
import { healthy, startScriptedUpstream } from '@mooring/testkit/scripted-upstream'
import { chromium } from 'playwright-core'
import { startTestGateway, testChainId } from '../gateway.fixtures.ts'

const executablePath = Bun.which('chromium')
const name =
  executablePath === null
    ? 'the page (not run: there is no chromium on this machine, install the package of that name)'
    : 'the page'

// Not every machine has a browser. The CI script installs one, so there it always runs.
test.skipIf(executablePath === null)(
  `${name} shows chains, endpoints, scores, reasons and the budget`,
  async () => {
    await using right = startScriptedUpstream(
      healthy({ chainId: testChainId, head: () => 1_234, rest: () => ({ result: '0x1' }) }),
    )
    await using wrong = startScriptedUpstream(
      healthy({ chainId: 5, head: () => 1_234, rest: () => ({ result: '0x1' }) }),
    )
    await using gateway = await startTestGateway(
      [
        { provider: 'alpha', name: 'one', url: right.url },
        { provider: 'bravo', name: 'one', url: wrong.url },
      ],
      {},
      { readyUpstreams: 1 },
    )
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
      ],
    })
    try {
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('pageerror', ({ message }) => problems.push(message))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      await page.goto(gateway.url)
      const chain = page.getByRole('region', { name: 'Local chain one' })
      await chain.getByText('head 1234').waitFor()
      expect(await chain.getByText(`${gateway.url}/local_one`, { exact: true }).count()).toBe(1)
      expect(await chain.getByRole('row', { name: 'alpha/one' }).textContent()).toMatch(
        /10[\s\S]*freshness 1 \(at the head\)/,
      )
      expect(await chain.getByRole('row', { name: 'bravo/one' }).textContent()).toMatch(
        /out[\s\S]*CHAIN_ID: it serves another chain/,
      )
      expect(await page.getByRole('status').textContent()).toContain('requests per second')
      expect(
        await chain
          .getByRole('button', { name: 'Copy the endpoint of Local chain one' })
          .isEnabled(),
      ).toBe(true)
      expect(problems).toEqual([])
    } finally {
      await browser.close()
    }
  },
  20_000,
)
