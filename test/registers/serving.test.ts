/** How members serve that have come back, and how whoever asked meanwhile is answered. */
import { describe, expect, it } from 'vitest'
import { soleWriter } from '../../src/registers/register.ts'
import { asked } from '../exchange/asked.ts'
import { found, RegisterGroup } from './group.ts'

describe('a member that has come back', () => {
  /** Member 0 crashed and is up again, and has no session but with the client. */
  function alone(): RegisterGroup {
    const group = new RegisterGroup()
    const writer = group.client(0)
    const write = group.write(writer, soleWriter(group.publicKey(writer), 'register'), 'a')
    group.run()
    expect(write.result).toMatchObject({ written: true })
    for (const member of [0, 1]) group.crash(member)
    return group
  }
  const registerOf = (group: RegisterGroup) => soleWriter(group.publicKey(group.client(0)), 'register')

  it('answers nobody before n - 1 - f others have met it, and serves those who asked once they have', () => {
    const group = alone()
    group.crash(2)
    group.crash(3)
    const reader = group.client(1)
    const read = group.read(reader, registerOf(group))
    const write = group.write(group.client(0), registerOf(group), 'b')
    // Members 0 and 1 are there alone: neither has met two others.
    group.start(0)
    group.start(1)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: false })
    expect(found(read)).toBeUndefined()
    expect(group.node(0).storage.kept(registerOf(group))).toMatchObject({ timestamp: 1 })
    group.start(2)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: true })
    expect(found(read)).toMatch(/^[ab]$/)
    expect(write.result).toEqual({ written: true, timestamp: 2 })
    expect(group.accused).toEqual([])
  })

  it('is asked again in each of its lives by whoever it turned away', () => {
    const group = alone()
    const reader = group.client(1)
    group.held = (from, to, { type }) => type === 'VALUE' && to === reader && from !== 0
    for (let life = 0; life < 3; life++) {
      for (const member of life === 0 ? [2, 3] : [0, 2, 3]) group.crash(member)
      group.start(0)
      group.read(reader, soleWriter(group.publicKey(reader), `register ${life}`))
      group.run()
      expect(group.node(0).storage.state()).toMatchObject({ serves: false })
      for (const member of [2, 3]) group.start(member)
      group.run()
      const { calls } = group.node(reader).storage.state() as { calls: { answered: number[] }[] }
      expect(calls.map(({ answered }) => answered)).toEqual(Array.from({ length: life + 1 }, () => [0]))
    }
  })

  it('has to be met anew in each life', () => {
    const group = alone()
    group.start(0)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: true })
    group.crash(2)
    group.crash(0)
    group.start(0)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: false })
  })

  it('serves at once where there is nobody else', () => {
    const group = new RegisterGroup({ n: 1, clients: 2 })
    const write = group.write(group.client(0), registerOf(group), 'a')
    group.run()
    expect(write.result).toEqual({ written: true, timestamp: 1 })
  })
})

it('a client that is asked serves nobody: whoever asks it is named', () => {
  const group = new RegisterGroup()
  group.tell(0, group.client(0), {
    type: 'READ',
    call: asked(1),
    register: soleWriter(group.publicKey(4), 'r')
  })
  group.run()
  expect(group.accused).toEqual([0])
})
