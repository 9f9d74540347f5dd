/**
 * A ledger that no one of its keepers can falsify: a replicated machine of one's own.
 *
 *     node examples/ledger.ts
 *
 * Four members keep the balances; one of them alters what it says. Clients pay each other, signed with keys of their
 * own: nobody pays with another's money, nobody pays what it has not got, and what there is in all stays the same.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import {
  boundedYamux,
  byzantine,
  byzantineClient,
  CommandRefusedError,
  foundGroup,
  replicated,
  type StateMachine
} from 'byzkit'
import { findBehaviour } from 'byzkit/testing'
import { createLibp2p } from 'libp2p'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (text: string) => new TextEncoder().encode(text)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Commands are texts: `issue AMOUNT` of the issuer alone, `pay AMOUNT TO` of anybody, and `balance`. */
class Ledger implements StateMachine {
  readonly #issuer: string

  constructor(issuer: Uint8Array) {
    this.#issuer = hex(issuer)
  }

  apply(command: Uint8Array, { state, client }: Parameters<StateMachine['apply']>[1]): Uint8Array {
    const [verb, amountText = '', to = ''] = text(command).split(' ')
    const from = hex(client)
    const balanceOf = (owner: string) => BigInt(text(state.get(bytes(owner)) ?? bytes('0')))
    const add = (owner: string, amount: bigint) =>
      state.set(bytes(owner), bytes(`${balanceOf(owner) + amount}`))
    if (verb === 'balance') return bytes(`${balanceOf(from)}`)
    if (!/^[1-9][0-9]{0,17}$/.test(amountText)) throw new Error('an amount is a positive number')
    const amount = BigInt(amountText)
    if (verb === 'issue') {
      if (from !== this.#issuer) throw new Error('the issuer alone issues')
      add(from, amount)
    } else if (verb === 'pay') {
      if (!/^[0-9a-f]{64}$/.test(to)) throw new Error('who is paid is a public key')
      add(to, amount)
      add(from, -amount)
      // All of it is undone if this throws: there is no half of a payment.
      if (balanceOf(from) < 0n) throw new Error('nobody pays what it has not got')
    } else throw new Error('there is no such command')
    return bytes(`${balanceOf(from)}`)
  }
}

const keys = (count: number) => Promise.all(Array.from({ length: count }, () => generateKeyPair('Ed25519')))
const memberKeys = await keys(4)
const clientKeys = await keys(3)
const group = foundGroup({
  members: memberKeys.map(({ publicKey }, rank) => ({ publicKey, addresses: [`/memory/ledger-${rank}`] })),
  clients: clientKeys.map(({ publicKey }) => publicKey)
})
const publicKeys = clientKeys.map(({ publicKey }) => publicKey.raw)
const [issuerKey = new Uint8Array()] = publicKeys
const stack = replicated('ledger', () => new Ledger(issuerKey))

const network = () => ({
  transports: [memory()],
  connectionEncrypters: [noise()],
  streamMuxers: [boundedYamux()]
})
const liar = findBehaviour('mutate')
if (liar === undefined) throw new Error('there is no such behaviour')
const members = await Promise.all(
  memberKeys.map((privateKey, rank) =>
    createLibp2p({
      ...network(),
      privateKey,
      addresses: { listen: [`/memory/ledger-${rank}`] },
      services: { byzantine: byzantine({ group, stack, ...(rank === 3 ? { behaviour: liar } : {}) }) }
    })
  )
)
const clients = await Promise.all(
  clientKeys.map((privateKey) =>
    createLibp2p({
      ...network(),
      privateKey,
      services: { byzantine: byzantineClient({ group, stack, durability: 'memory' }) }
    })
  )
)
const names = ['issuer', 'anna', 'bela']

async function say(client: number, command: string): Promise<string> {
  const machine = clients[client]?.services.byzantine.replica()
  const shown = names.reduce(
    (shown, name, at) => shown.replace(hex(publicKeys[at] ?? bytes('?')), name),
    command
  )
  try {
    const balance = text((await machine?.submit(bytes(command))) ?? bytes('?'))
    console.log(`${names[client]}: ${shown}: has ${balance}`)
    return balance
  } catch (error) {
    if (!(error instanceof CommandRefusedError)) throw error
    console.log(`${names[client]}: ${shown}: refused`)
    return ''
  }
}
const key = (client: number) => hex(publicKeys[client] ?? bytes('?'))

await say(0, 'issue 100')
await say(1, 'issue 100')
await say(0, `pay 60 ${key(1)}`)
await say(1, `pay 20 ${key(2)}`)
await say(2, `pay 21 ${key(0)}`)
// Whatever the members come to first, not all of these can be paid.
await Promise.all([1, 1, 1].map((client) => say(client, `pay 25 ${key(2)}`)))
const balances = await Promise.all([0, 1, 2].map((client) => say(client, 'balance')))
const total = balances.reduce((sum, balance) => sum + BigInt(balance), 0n)
console.log(`in all there are ${total}`)

await Promise.all([...clients, ...members].map((node) => node.stop()))
