/** Ports: many components, one carrier. */
import { beforeEach, describe, expect, test } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import type { Environment } from '../../src/core/environment.ts'
import { createGroup, type ProcessId } from '../../src/core/group.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { uint } from '../../src/core/shapes.ts'
import type { Carrier, CarrierIndications } from '../../src/links/carrier.ts'
import { PORTS_MAX, type Port, Ports } from '../../src/links/ports.ts'
import { type TestEnvironment, testEnvironment } from '../core/environment.ts'

const messages = defineMessages({ PING: [0, { count: uint() }] })
type Ping = { readonly type: 'PING'; readonly count: number }
const ping = (count: number): Ping => ({ type: 'PING', count })

const SELF = 1

let environment: TestEnvironment
let ports: Ports
/** What the carrier was given, as `recipient: bytes`. */
let carried: string[]
/** What the ports indicated, as `path: ...`. */
let heard: string[]
let carrierSays: CarrierIndications

const carrier: Carrier = { send: (to, message) => carried.push(`${to}: ${message.join(' ')}`) }

/** Ports on a carrier that the test holds. */
function portsOf(env: Environment): Ports {
  const made = new Ports(env)
  made.attach(carrier)
  carrierSays = made.indications
  return made
}

beforeEach(() => {
  environment = testEnvironment({ self: SELF })
  carried = []
  heard = []
  ports = portsOf(environment.env)
})

const open = (path: string, audience: 'members' | 'everybody' = 'members'): Port<Ping> =>
  ports.open<Ping>(
    path,
    messages,
    {
      deliver: (from, { count }) => heard.push(`${path}: ${count} from ${from}`),
      resync: (peer) => heard.push(`${path}: resync ${peer}`)
    },
    { audience }
  )

const receive = (from: ProcessId, ...message: number[]) =>
  environment.process.input(() => carrierSays.deliver(from, Uint8Array.from(message)))

test('ports are numbered in the order of opening, and a message is the number and its encoding', () => {
  const [first, second] = [open('a'), open('b')]
  environment.process.input(() => {
    second.send(0, ping(5))
    first.send(3, ping(6))
  })
  expect(ports.paths).toEqual(['a', 'b'])
  expect(carried).toEqual(['0: 1 130 0 5', '3: 0 130 0 6'])
})

test('what leaves before there is a carrier is our own mistake, and stops the process', () => {
  ports = new Ports(environment.env)
  const port = open('a')
  environment.process.input(() => port.send(0, ping(5)))
  expect(environment.process.causes).toEqual([expect.any(AssertionError)])
})

test('a message arrives at the port of its number, with the rank it came from', () => {
  open('a')
  open('b')
  receive(2, 1, 0x82, 0, 7)
  receive(3, 0, 0x82, 0, 8)
  expect(heard).toEqual(['b: 7 from 2', 'a: 8 from 3'])
  expect(environment.faults).toEqual([])
})

describe('a client', () => {
  const CLIENT = 4

  test('is heard at a port that is open to everybody', () => {
    open('a', 'everybody')
    receive(CLIENT, 0, 0x82, 0, 7)
    expect(heard).toEqual([`a: 7 from ${CLIENT}`])
    expect(environment.faults).toEqual([])
  })

  test('is not heard at a port of the members, and named for it', () => {
    open('a', 'everybody')
    open('b')
    receive(CLIENT, 1, 0x82, 0, 7)
    expect(heard).toEqual([])
    expect(environment.faults).toMatchObject([
      { process: CLIENT, kind: 'protocol-violation', certainty: 'certain' }
    ])
    receive(2, 1, 0x82, 0, 8)
    expect(heard).toEqual(['b: 8 from 2'])
  })

  test('a new session with it resyncs the ports that it may use, and no other', () => {
    open('a', 'everybody')
    open('b')
    environment.process.input(() => carrierSays.sessionStarted(CLIENT))
    expect(heard).toEqual([`a: resync ${CLIENT}`])
  })
})

test('a message to oneself does not touch the carrier: it is a later event of the same turn', () => {
  const port = open('a')
  environment.process.input(() => {
    port.send(SELF, ping(1))
    heard.push('sent')
  })
  expect(heard).toEqual(['sent', `a: 1 from ${SELF}`])
  expect(carried).toEqual([])
})

test('a message to all goes to every other member once, and to oneself by the queue', () => {
  const port = open('a')
  environment.process.input(() => port.sendAll(ping(1)))
  expect(carried).toEqual(['0: 0 130 0 1', '2: 0 130 0 1', '3: 0 130 0 1'])
  expect(heard).toEqual([`a: 1 from ${SELF}`])
})

test('what others see waits for what this turn wrote; what oneself sees does not', () => {
  const port = open('a')
  environment.process.input(() => {
    port.sendAll(ping(1))
    environment.process.put('vote')
  })
  expect(carried).toEqual([])
  expect(heard).toEqual([`a: 1 from ${SELF}`])
  environment.process.answer()
  expect(carried).toHaveLength(3)
})

test.each<[string, number[]]>([
  ['nothing at all', []],
  ['the number of no open port', [1, 0x82, 0, 7]],
  ['a number alone', [0]],
  ['bytes that are no message', [0, 0xff, 0xff]],
  ['a code that nobody declared', [0, 0x82, 1, 7]],
  ['a message and one byte more', [0, 0x82, 0, 7, 0]]
])('%s is a certain fault of the sender, and nothing else', (_, message) => {
  open('a')
  receive(2, ...message)
  expect(heard).toEqual([])
  expect(environment.faults).toEqual([
    expect.objectContaining({ process: 2, kind: 'malformed', certainty: 'certain' })
  ])
  expect(environment.process.causes).toEqual([])
})

test("a client that speaks to a port of the members' own is named, and not heard; at one for everybody it is", () => {
  const group = createGroup({ ...environment.env.group, clients: [new Uint8Array(32).fill(4)] })
  ports = portsOf({ ...environment.env, group })
  const indications = (path: string) => ({
    deliver: (from: ProcessId) => heard.push(`${path}: from ${from}`),
    resync: (peer: ProcessId) => heard.push(`${path}: resync ${peer}`)
  })
  ports.open('everybody', messages, indications('everybody'), { audience: 'everybody' })
  ports.open('members', messages, indications('members'))
  const CLIENT = 4
  environment.process.input(() => carrierSays.sessionStarted(CLIENT))
  for (const from of [0, CLIENT]) for (const number of [0, 1]) receive(from, number, 0x82, 0, 7)
  expect(heard).toEqual(['everybody: resync 4', 'everybody: from 0', 'members: from 0', 'everybody: from 4'])
  expect(environment.faults).toMatchObject([
    { process: CLIENT, kind: 'protocol-violation', certainty: 'certain' }
  ])
})

test('a new session resyncs every port, in the order of opening', () => {
  open('a')
  open('b')
  environment.process.input(() => carrierSays.sessionStarted(3))
  expect(heard).toEqual(['a: resync 3', 'b: resync 3'])
})

test('sends and receipts are traced with the path and the message', () => {
  const port = open('a')
  environment.process.input(() => port.send(0, ping(1)))
  receive(2, 0, 0x82, 0, 7)
  expect(environment.events).toEqual([
    { kind: 'send', path: 'a', to: 0, message: ping(1) },
    { kind: 'receive', path: 'a', from: 2, message: ping(7) }
  ])
})

test('a path is opened once, and no more ports than a byte counts', () => {
  for (let i = 0; i < PORTS_MAX; i++) open(`port ${i}`)
  expect(() => open('one more')).toThrow(AssertionError)
  ports = new Ports(environment.env)
  open('a')
  expect(() => open('a')).toThrow(AssertionError)
})

describe('a message belongs to the session in which it was sent', () => {
  const says = (say: () => void) => environment.process.input(say)

  test('what waits for the disk while its session ends is dropped, and what the next one is sent leaves', () => {
    const port = open('a')
    says(() => carrierSays.sessionStarted(3))
    says(() => {
      environment.process.put('slow')
      port.send(3, ping(1))
      port.send(0, ping(2))
    })
    says(() => carrierSays.sessionEnded(3, 'replaced'))
    says(() => carrierSays.sessionStarted(3))
    says(() => port.send(3, ping(3)))
    expect(carried).toEqual([])
    environment.process.answer()
    environment.process.answer()
    expect(carried).toEqual(['0: 0 130 0 2', '3: 0 130 0 3'])
  })

  test('what is sent between two sessions leaves in neither', () => {
    const port = open('a')
    says(() => carrierSays.sessionStarted(3))
    says(() => carrierSays.sessionEnded(3, 'peer gone'))
    says(() => port.send(3, ping(1)))
    says(() => {
      environment.process.put('slow')
      port.send(3, ping(2))
    })
    says(() => carrierSays.sessionStarted(3))
    environment.process.answer()
    expect(carried).toEqual([])
  })

  test('without an end of the session a slow disk loses nothing', () => {
    const port = open('a')
    says(() => carrierSays.sessionStarted(3))
    says(() => {
      environment.process.put('slow')
      port.send(3, ping(1))
    })
    environment.process.answer()
    expect(carried).toEqual(['3: 0 130 0 1'])
  })
})
