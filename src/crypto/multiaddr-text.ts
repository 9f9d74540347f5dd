/** A multiaddr as text, e.g. `/ip4/127.0.0.1/tcp/9100`. Whether libp2p can dial it is for libp2p to say. */

/** The longest address that is looked at, in characters. */
export const ADDRESS_MAX_CHARACTERS = 256

/** Only printable ASCII, in parts of which none is empty: a protocol, then at least its value or another one. */
export function isMultiaddrText(text: string): boolean {
  return text.length <= ADDRESS_MAX_CHARACTERS && /^\/[a-z][a-z0-9-]*(?:\/[!-.0-~]+)+$/.test(text)
}
