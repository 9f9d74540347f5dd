/** A multiaddr as text, e.g. `/ip4/127.0.0.1/tcp/9100`. Whether libp2p can dial it is for libp2p to say. */

/** The longest address that is looked at, in characters. */
export const ADDRESS_MAX_CHARACTERS = 256

/** Only printable ASCII, in parts of which none is empty: a protocol, then at least its value or another one. */
export function isMultiaddrText(text: string): boolean {
  return text.length <= ADDRESS_MAX_CHARACTERS && /^\/[a-z][a-z0-9-]*(?:\/[!-.0-~]+)+$/.test(text)
}

/** A name may be any word; what a relay is reached by ends with `p2p-circuit`; `ipfs` is an older name of `p2p`. */
const PEER_ID_PARTS =
  /\/(?:dns[46]?|dnsaddr|sni|memory)\/[^/]+|\/p2p-circuit(?=\/|$)|\/(?:p2p|ipfs)\/([^/]+)/g

/** The peer ids by which an address says who is there, as it has them; those of relays on the way are none of them. */
export function peerIdsIn(address: string): string[] {
  const ids: string[] = []
  for (const [part, id] of address.matchAll(PEER_ID_PARTS)) {
    if (part === '/p2p-circuit') ids.length = 0
    else if (id !== undefined) ids.push(id)
  }
  return ids
}
