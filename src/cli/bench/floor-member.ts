/** One end of a floor, as a process of its own: run by floors.ts, which speaks to it over the IPC channel. */
import { obeyParent } from './children.ts'
import { receiverOn, Sender } from './floor-ends.ts'
import { connectWire, listenWire } from './floor-wire.ts'
import type { FloorCommand, FloorReport } from './floors.ts'

let cpuStart = process.cpuUsage()
let sender: Sender | undefined

async function obey(command: FloorCommand): Promise<FloorReport> {
  switch (command.do) {
    case 'listen':
      return { address: await listenWire(command.kind, receiverOn) }
    case 'connect':
      await connectWire(command.kind, command.address, (wire) => {
        sender = new Sender(wire, command.load)
        return sender.indications
      })
      return {}
    case 'start':
      cpuStart = process.cpuUsage()
      return {}
    case 'send': {
      const began = performance.now()
      await sender?.send(command.messages)
      return { elapsedMs: performance.now() - began }
    }
    case 'stop': {
      const { user, system } = process.cpuUsage(cpuStart)
      return { cpuMicroseconds: user + system }
    }
    case 'round-trips': {
      const times: number[] = []
      for (let i = 0; i < command.count; i++) times.push((await sender?.roundTrip()) ?? Number.NaN)
      return { roundTripsMs: times }
    }
  }
}

obeyParent(obey)
