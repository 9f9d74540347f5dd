/**
 * A notebook of three people, kept by four members of which any one may lie or fail.
 *
 *     node examples/shared-notebook.ts
 *
 * Each person has a page, a register that this person alone writes; the title is a register that all three may write.
 * Whoever wants to see the notebook reads the title and the page of each.
 *
 * Why not one register with all notes in it? A write replaces what is there. Two people who read it, add a note and
 * write it back at the same time would lose one of the two: a register is no lock. Pages with one writer need none.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createClient, createNode, foundGroup } from 'byzkit'

// Where the members listen: four ports from this one on.
const firstPort = Number(process.argv[2] ?? 9200)
const ranks = [0, 1, 2, 3]
const memberKeys = await Promise.all(ranks.map(() => generateKeyPair('Ed25519')))
const people = ['Ada', 'Barbara', 'Frances']
const keys = await Promise.all(people.map(() => generateKeyPair('Ed25519')))

const group = foundGroup({
  members: memberKeys.map(({ publicKey }, rank) => ({
    publicKey,
    addresses: [`/ip4/127.0.0.1/tcp/${firstPort + rank}`]
  })),
  clients: keys.map(({ publicKey }) => publicKey)
})

const folder = mkdtempSync(join(tmpdir(), 'notebook-'))
const members = await Promise.all(memberKeys.map((key) => createNode({ group, key })))
// A writer has a data folder: there is what it writes before it is sent, in case it is killed in between.
const clients = await Promise.all(
  keys.map((key, number) => createClient({ group, key, data: join(folder, `client-${number}`) }))
)
const registers = clients.map(({ services }) => services.byzantine)
const title = registers.map((service) => service.register('title', { writers: group.clients }))

// All at the same time. Of the titles one is the last, and everybody sees the same.
await Promise.all(
  people.map(async (person, number) => {
    await title[number]?.write(encode(`The notebook of ${person} and others`))
    await registers[number]?.register('page').write(encode(`${person} was here`))
  })
)

// One member fewer is no hindrance.
await members[3]?.stop()

const shown = await Promise.all(registers.map((_, reader) => notebook(reader)))
console.log(shown[0])
console.log(
  shown.every((text) => text === shown[0]) ? 'everybody sees the same' : 'they see different things'
)

await Promise.all([...clients, ...members].map((node) => node.stop()))
rmSync(folder, { recursive: true })

/** What one of them sees. */
async function notebook(reader: number): Promise<string> {
  const pages = group.clients.map((writer) => registers[reader]?.register('page', { writer }))
  const values = await Promise.all([title[reader], ...pages].map((register) => register?.read()))
  return values.map((read) => new TextDecoder().decode(read?.value ?? new Uint8Array())).join('\n')
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
