/**
 * What is said on a control socket: one request and one answer, each a JSON value on a line of its own. Both ends
 * belong to the same user; the bounds are there for a mistake, not for an enemy.
 */
import { PAYLOAD_BYTES_MAX } from '../../broadcast/constants.ts'

export type ControlRequest =
  | { readonly do: 'status' }
  | { readonly do: 'broadcast'; readonly payload: string }

export type ControlAnswer =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly error: { readonly name: string; readonly message: string } }

/** The longest request: a broadcast of the longest payload in base64, and the words around it. */
export const CONTROL_REQUEST_BYTES_MAX = Math.ceil((PAYLOAD_BYTES_MAX * 4) / 3) + 1024

/** The longest answer: the status of a large group. */
export const CONTROL_ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** The request, or undefined if the line is none. */
export function parseRequest(line: string): ControlRequest | undefined {
  const value = parseObject(line)
  if (value?.do === 'status') return { do: 'status' }
  if (value?.do !== 'broadcast' || typeof value.payload !== 'string') return undefined
  return /^[A-Za-z0-9+/]*={0,2}$/.test(value.payload)
    ? { do: 'broadcast', payload: value.payload }
    : undefined
}

/** The answer, or undefined if the line is none. */
export function parseAnswer(line: string): ControlAnswer | undefined {
  const value = parseObject(line)
  if (value?.ok === true && isObject(value.value)) return { ok: true, value: value.value }
  if (value?.ok !== false || !isObject(value.error)) return undefined
  const { name, message } = value.error
  if (typeof name !== 'string' || typeof message !== 'string') return undefined
  return { ok: false, error: { name, message } }
}

function parseObject(line: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
