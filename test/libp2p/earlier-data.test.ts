/** What an earlier version wrote is read: its data folders, and what its members signed. */
import { chmod, cp, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sendStatement } from '../../src/broadcast/double-echo.ts'
import { echoStatement, verifyEchoCertificate } from '../../src/broadcast/echo-certificate.ts'
import { fromHex, utf8 } from '../../src/core/bytes.ts'
import { verifyStatement } from '../../src/core/statement.ts'
import { CONTENT, ValueSigner } from '../../src/registers/signed-value.ts'
import {
  BROADCASTS,
  earlierGroup,
  OPTIONS,
  REGISTER,
  SEEDS,
  STORED,
  VALUE
} from '../fixtures/earlier/earlier.ts'
import { freePort } from '../ports.ts'
import { until } from '../waiting.ts'
import { cryptoOf, environmentOf, genesis, group } from '../wire/inputs.ts'
import { allConnected } from './client-support.ts'
import {
  allReady,
  collect,
  dataFolder,
  described,
  type MemberNode,
  serviceOf,
  startMember
} from './service-support.ts'

const earlier = (name: string) => fileURLToPath(new URL(`../fixtures/earlier/${name}`, import.meta.url))

/** The members of the earlier group, each on a copy of its folder. */
async function startEarlier(): Promise<MemberNode[]> {
  const founded = { group: earlierGroup(await freePort(SEEDS.length)), seeds: SEEDS }
  const starting = SEEDS.map(async (_, rank) => {
    const data = await dataFolder()
    await cp(earlier(`member-${rank}`), data, { recursive: true })
    await chmod(data, 0o700)
    return startMember(founded, rank, { data, ...OPTIONS })
  })
  const nodes = await Promise.all(starting)
  await allReady(nodes)
  await allConnected(nodes)
  return nodes
}

test('the data folders of an earlier version go on: deliveries, sequence numbers, values and their bodies', async () => {
  const nodes = await startEarlier()
  const [first, second] = nodes.map(serviceOf) as [ReturnType<typeof serviceOf>, ReturnType<typeof serviceOf>]
  const store = second.store({ writer: genesis.publicKeys[0] as Uint8Array })
  for (const [key, value] of STORED)
    expect(await store.get(key)).toEqual({ value, timestamp: 1, deleted: false })
  const last = `0/${BROADCASTS.length - 1}: ${BROADCASTS.at(-1)}`
  const again = nodes.map((node) => collect(serviceOf(node)))
  expect(await first.broadcast(utf8('after'))).toEqual({ sender: 0, sequence: BROADCASTS.length })
  await until('all deliver what was left, and what is new', () =>
    again.every((deliveries) => described(deliveries).includes(`0/${BROADCASTS.length}: after`))
  )
  for (const deliveries of again) expect(described(deliveries)).toContain(last)
})

interface Signatures {
  readonly value: string
  readonly certificate: readonly { readonly signer: number; readonly signature: string }[]
  readonly send: string
}

test('what members of an earlier version signed is verified, and made again', async () => {
  const read = JSON.parse(await readFile(earlier('signatures.json'), 'utf8')) as Signatures
  const digest = cryptoOf(1).hash(VALUE)
  const signer = (rank: number) => new ValueSigner(environmentOf(rank), 'storage', {})
  const unsigned = { timestamp: 7, writer: 0, content: CONTENT.value, value: VALUE }
  const value = { ...unsigned, signature: fromHex(read.value) }
  expect(signer(1).verify(REGISTER, value)).toBe(true)
  expect(signer(0).sign(REGISTER, unsigned)).toEqual(value)
  const certificate = read.certificate.map(({ signer, signature }) => ({
    signer,
    signature: fromHex(signature)
  }))
  const instance = { sender: 0, sequence: 7, digest }
  expect(verifyEchoCertificate(cryptoOf(3), group, 'signed-echo', instance, certificate)).toBe(true)
  const [{ signature: echo }] = certificate as [(typeof certificate)[0]]
  expect(verifyStatement(environmentOf(3), 'signed-echo', 0, echoStatement, instance, echo)).toBe(true)
  const sent = { sequence: 7, digest }
  expect(verifyStatement(environmentOf(3), 'double-echo', 0, sendStatement, sent, fromHex(read.send))).toBe(
    true
  )
})
