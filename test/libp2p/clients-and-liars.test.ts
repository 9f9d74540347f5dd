/** Registers over libp2p while one of four members lies. */
import { describe, expect, test } from 'vitest'
import { behaviours } from '../../src/adversary/index.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { clientReady, foundWithClients, publicKeyOf, startClient } from './client-support.ts'
import { serviceOf, startGroup } from './service-support.ts'

const live = behaviours.filter((behaviour) => behaviour.live)

describe.each(live.map((behaviour) => [behaviour.name, behaviour] as const))(
  'a member that does %s',
  (_, behaviour) => {
    test('keeps no client from writing and reading: termination, atomicity, accuracy', async () => {
      const founded = await foundWithClients(4, 2)
      const liar = 1
      const members = await startGroup(founded, (rank) => (rank === liar ? { behaviour } : {}))
      const clients = await Promise.all([0, 1].map((client) => startClient(founded, client)))
      await Promise.all(clients.map(clientReady))
      const [writer, reader] = clients.map(({ service }) => service)
      const own = writer!.register('counter')
      const asRead = reader!.register('counter', { writer: publicKeyOf(founded.clientSeeds[0]!) })
      for (let i = 1; i <= 5; i++) {
        await own.write(utf8(`${i}`))
        expect(await asRead.read()).toEqual({ value: utf8(`${i}`), timestamp: i })
      }
      const seen = [writer!, reader!, ...members.filter((_, rank) => rank !== liar).map(serviceOf)]
      for (const { faults } of seen) {
        for (const { fault } of faults) if (fault.process !== liar) expect(fault.certainty).toBe('suspected')
      }
      expect(serviceOf(members[liar]!).status().state).toBe('running')
    })
  }
)
