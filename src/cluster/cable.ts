/** The cable of a member: TCP that can be cut, so that nothing passes until it is mended, whatever libp2p tries. */
import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { type TCPComponents, tcp } from '@libp2p/tcp'

const CUT = 'the cable is cut'

export class Cable {
  readonly #open = new Set<MultiaddrConnection>()
  #isCut = false

  /** Whether nothing passes from now on: what is open breaks, as where a peer has been away for long. */
  cut(isCut: boolean): void {
    this.#isCut = isCut
    if (!isCut) return
    for (const connection of [...this.#open]) connection.abort(new Error(CUT))
    this.#open.clear()
  }

  /** For `createNode`. */
  readonly transport = (components: TCPComponents): Transport => {
    const transport = tcp()(components)
    const { dial, createListener } = transport
    transport.dial = (address, options) =>
      dial.call(transport, address, { ...options, upgrader: this.#over(options.upgrader) })
    transport.createListener = (options) =>
      createListener.call(transport, { ...options, upgrader: this.#over(options.upgrader) })
    return transport
  }

  /** Whatever is to be a connection goes through it. */
  #over(upgrader: Upgrader): Upgrader {
    return Object.assign(Object.create(upgrader), {
      upgradeInbound: async (...[raw, options]: Parameters<Upgrader['upgradeInbound']>) => {
        this.#admit(raw)
        await upgrader.upgradeInbound(raw, options)
      },
      upgradeOutbound: async (...[raw, options]: Parameters<Upgrader['upgradeOutbound']>) => {
        this.#admit(raw)
        return upgrader.upgradeOutbound(raw, options)
      }
    })
  }

  #admit(raw: MultiaddrConnection): void {
    if (this.#isCut) throw new Error(CUT)
    this.#open.add(raw)
    raw.addEventListener('close', () => void this.#open.delete(raw), { once: true })
  }
}
