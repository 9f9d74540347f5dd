/** Each request is executed once: by session, by life, in a window, and after a state was installed. */
import { describe, expect, test } from 'vitest'
import { SESSION_WINDOW, Sessions } from '../../src/replication/sessions.ts'

const client = new Uint8Array(32).fill(1)
const other = new Uint8Array(32).fill(2)
const stranger = new Uint8Array(32).fill(3)
const request = (number: number, life = 1, of = client) => ({ client: of, life, number })
const sessions = () => new Sessions([client, other])

describe('exactly once', () => {
  test('a number is admitted once, in any order', () => {
    const own = sessions()
    expect([3, 1, 3, 2, 1, 2].map((number) => own.admit(request(number)))).toEqual([
      true,
      true,
      false,
      true,
      false,
      false
    ])
    expect(own.state[0]).toEqual({ client, life: 1, mark: 3, above: [] })
  })

  test('each client has its own numbers, and who is no member has none', () => {
    const own = sessions()
    expect(own.admit(request(1))).toBe(true)
    expect(own.admit(request(1, 1, other))).toBe(true)
    expect(own.admit(request(1, 1, stranger))).toBe(false)
    expect(own.isOver(request(1, 1, stranger))).toBe(true)
  })

  test('a later life ends the earlier one: what that had asked takes effect before it, or never', () => {
    const own = sessions()
    expect(own.admit(request(2, 1))).toBe(true)
    expect(own.admit(request(1, 3))).toBe(true)
    expect(own.isOver(request(1, 1))).toBe(true)
    expect(own.admit(request(1, 1))).toBe(false)
    expect(own.admit(request(2, 3))).toBe(true)
    expect(own.state[0]).toMatchObject({ life: 3, mark: 2 })
  })

  test('a number beyond the window is not admitted, and may come again', () => {
    const own = sessions()
    const beyond = request(SESSION_WINDOW + 1)
    expect(own.admit(beyond)).toBe(false)
    expect(own.isOver(beyond)).toBe(false)
    expect(own.admit(request(1))).toBe(true)
    expect(own.admit(beyond)).toBe(true)
  })

  test('what was admitted before a state was taken is not admitted after it was installed', () => {
    const own = sessions()
    for (const number of [1, 2, 4]) own.admit(request(number))
    const restored = sessions()
    expect(restored.install(own.encoded())).toBe(true)
    expect(restored.state).toEqual(own.state)
    for (const number of [1, 2, 4]) expect(restored.admit(request(number))).toBe(false)
    expect(restored.admit(request(3))).toBe(true)
  })
})
