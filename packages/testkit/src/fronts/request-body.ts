import type { NodeAnswer } from '../ask-node.ts'

/** One request as a front reads it: only as far as its faults need. */
export type FrontCall = { id: unknown; method: string; params: readonly unknown[] }

export type RequestBody = { isBatch: boolean; calls: readonly FrontCall[] }

/** Reads a body, or returns undefined for one that the node had better refuse itself. */
export function readBody(text: string): RequestBody | undefined {
  const value = parseJson(text)
  const isBatch = Array.isArray(value)
  const calls = (isBatch ? value : [value]).map(readCall)
  if (calls.length === 0 || !calls.every((call) => call !== undefined)) return undefined
  return { isBatch, calls }
}

export function writeAnswers(body: RequestBody, answers: readonly NodeAnswer[]): string {
  const objects = body.calls.map(({ id }, at) => ({ ...answers[at], jsonrpc: '2.0', id }))
  return JSON.stringify(body.isBatch ? objects : objects[0])
}

function readCall(value: unknown): FrontCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, method, params } = value as Record<string, unknown>
  if (typeof method !== 'string') return undefined
  if (params !== undefined && !Array.isArray(params)) return undefined
  return { id, method, params: params ?? [] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
