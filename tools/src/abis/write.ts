import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { forgeProgram } from '@mooring/testkit/forge'
import { abiFiles } from './generate.ts'

const root = resolve(import.meta.dir, '../../..')
const folder = join(root, 'packages/abis/src')

const build = Bun.spawnSync([forgeProgram(), 'build', 'contracts/src', '--root', root], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
})
if (!build.success) process.exit(1)
await rm(folder, { recursive: true, force: true })
await mkdir(join(folder, 'bytecode'), { recursive: true })
const files = await abiFiles(root)
for (const [path, text] of files) await Bun.write(join(folder, path), text)
process.stdout.write(`${files.size} files written to packages/abis/src\n`)
