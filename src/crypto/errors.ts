/** Errors of this folder, matched by `name`; `InvalidParametersError` of core serves for plain misuse. */

/** A key file is not what it should be. The message is one line, and never holds any of the key. */
export class KeyFormatError extends Error {
  override name = 'KeyFormatError'
}

/** No secret can be shared with this public key. */
export class KeyAgreementError extends Error {
  override name = 'KeyAgreementError'
}
