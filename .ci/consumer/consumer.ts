/** Somebody's TypeScript: the types of each entry resolve, and are not `any`. */
import { type ByzantineService, byzantine, type findStack } from 'byzkit'
import { type CryptoBackend, defaultBackend } from 'byzkit/crypto'
import { defineMessages, type MessageOf, uint } from 'byzkit/protocols'
import type { History } from 'byzkit/testing'

const messages = defineMessages({ PING: [0, { count: uint() }] })
const ping: MessageOf<typeof messages> = { type: 'PING', count: 1 }

export const used: [CryptoBackend, Uint8Array, typeof byzantine] = [
  defaultBackend,
  messages.encode(ping),
  byzantine
]
export type Used = [ByzantineService, History, typeof findStack]

type IsAny<T> = 0 extends 1 & T ? true : false

export const typesAreThere: [
  IsAny<typeof byzantine>,
  IsAny<CryptoBackend>,
  IsAny<History>,
  IsAny<typeof ping>
] = [false, false, false, false]
