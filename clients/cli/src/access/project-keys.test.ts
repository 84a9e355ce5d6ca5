import { describe, expect, test } from 'bun:test'
import { openFolder } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { commitmentOf, createAccessMaterial, projectKeyHashOf } from './key-material.ts'
import { addKey, loadKey } from './key-store.ts'
import { previousOf, registerKey, rotateKey } from './project-keys.ts'

const accounts = 'https://accounts.example.org'
const session = { accounts, token: 'secret', account: 'eip155:1:0x', endsAt: 9e9 }

/** The accounts service as far as a rotation goes, on a line that may break. */
function openService(home: string) {
  const hashes: string[] = []
  let breaks: 'never' | 'before' | 'after' = 'never'
  const fetchHere = async (url: string, init: RequestInit): Promise<Response> => {
    if (!url.endsWith('/rotate')) {
      return Response.json({ hashes: hashes.map((keyHash) => ({ keyHash })) })
    }
    if (breaks === 'before') throw new Error('the line broke')
    const { keyHash } = JSON.parse(String(init.body))
    if (hashes.includes(keyHash))
      return Response.json({ code: 'KEY_TAKEN', detail: 'taken' }, { status: 409 })
    hashes.unshift(keyHash)
    if (breaks === 'after') throw new Error('the line broke')
    return Response.json({})
  }
  const context = { env: { MOORING_HOME: home }, fetch: fetchHere } as unknown as Context
  const material = createAccessMaterial()
  const commitment = commitmentOf(material)
  const registration = { accounts, keyId: 'k', projectId: 'p' }
  addKey(context, { name: 'app', createdAt: 1, commitment, material, registration })
  hashes.push(projectKeyHashOf(material))
  return {
    hashes,
    rotate: () => rotateKey(context, session, { key: loadKey(context, 'app'), overlapSeconds: 60 }),
    key: () => loadKey(context, 'app'),
    hashNow: () => {
      const { material } = loadKey(context, 'app')
      return material.delivery === 'key' ? projectKeyHashOf(material) : 'none'
    },
    breakLine: (when: typeof breaks) => {
      breaks = when
    },
  }
}

describe('a rotation', () => {
  test('gives a new key, and keeps what it was before', async () => {
    using folder = openFolder()
    const service = openService(folder.path)
    const { material } = service.key()
    await service.rotate()
    expect(service.hashNow()).toBe(service.hashes[0] ?? '')
    expect(service.hashes).toHaveLength(2)
    expect({ delivery: 'key', key: previousOf(service.key()) }).toEqual(material as never)
  })

  test('that got lost on its way is sent again with the same key', async () => {
    using folder = openFolder()
    const service = openService(folder.path)
    const { material } = service.key()
    service.breakLine('before')
    await expect(service.rotate()).rejects.toThrow('No accounts service answers')
    const sent = service.hashNow()
    service.breakLine('never')
    await service.rotate()
    expect([service.hashNow(), service.hashes[0]]).toEqual([sent, sent])
    expect({ delivery: 'key', key: previousOf(service.key()) }).toEqual(material as never)
  })

  test('whose answer got lost has been done, and the next one is another', async () => {
    using folder = openFolder()
    const service = openService(folder.path)
    service.breakLine('after')
    await expect(service.rotate()).rejects.toThrow('No accounts service answers')
    expect(service.hashNow()).toBe(service.hashes[0] ?? '')
    service.breakLine('never')
    await service.rotate()
    expect(service.hashes).toHaveLength(3)
    expect(service.hashNow()).toBe(service.hashes[0] ?? '')
  })
})

test('a registration that was cut off before it was noted is noted by the next one', async () => {
  using folder = openFolder()
  const material = createAccessMaterial()
  const hash = projectKeyHashOf(material)
  const keys: { id: string; name: string; hashes: { keyHash: string }[] }[] = [
    { id: 'other', name: 'site', hashes: [{ keyHash: 'o' }, { keyHash: hash }] },
  ]
  let isCut = true
  const fetchHere = async (url: string, init: RequestInit): Promise<Response> => {
    if (url.endsWith('/projects')) return Response.json({ projects: [{ id: 'p', name: 'shop' }] })
    if (init.method === 'GET') return Response.json({ keys })
    const { name, keyHash } = JSON.parse(String(init.body))
    if (keys.some((key) => key.name === name)) {
      return Response.json({ code: 'NAME_TAKEN', detail: 'taken' }, { status: 409 })
    }
    keys.push({ id: 'mine', name, hashes: [{ keyHash }] })
    if (isCut) throw new Error('cut off')
    return Response.json({ id: 'mine' })
  }
  const context = { env: { MOORING_HOME: folder.path }, fetch: fetchHere } as unknown as Context
  const key = { name: 'app', createdAt: 1, commitment: commitmentOf(material), material }
  addKey(context, key)
  const register = () =>
    registerKey(context, session, { key: loadKey(context, 'app'), project: 'shop' })
  await expect(register()).rejects.toThrow('No accounts service answers')
  expect(loadKey(context, 'app').registration).toBeUndefined()
  isCut = false
  await register()
  const registration = { accounts, keyId: 'mine', projectId: 'p' }
  expect(loadKey(context, 'app').registration).toEqual(registration)
  expect(keys).toHaveLength(2)
})
