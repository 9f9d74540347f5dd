/** One end of a floor, as a process of its own: run by floors.ts, which speaks to it over the IPC channel. */
import { obeyParent } from './children.ts'
import { receiverOn, Sender } from './floor-ends.ts'
import { connectWire, listenWire } from './floor-wire.ts'
import type { FloorCommand, FloorReport } from './floors.ts'

let cpuStart = process.cpuUsage()
const senders: Sender[] = []

async function obey(command: FloorCommand): Promise<FloorReport> {
  const [sender] = senders
  switch (command.do) {
    case 'listen':
      return { address: await listenWire(command.kind, receiverOn) }
    case 'connect':
      await connectWire(command.kind, command.address, (wire) => {
        const sender = new Sender(wire, command.load)
        senders.push(sender)
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
    case 'requests': {
      const times: number[] = []
      for (let i = 0; i < command.count; i++) times.push(await askAll(command.answerBytes, command.quorum))
      return { roundTripsMs: times }
    }
  }
}

/** Milliseconds until so many of all receivers have answered. */
async function askAll(answerBytes: number, quorum: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  let answers = 0
  const began = performance.now()
  for (const sender of senders) {
    void sender.request(answerBytes).then(() => {
      if (++answers === quorum) resolve(performance.now() - began)
    })
  }
  return promise
}

obeyParent(obey)
