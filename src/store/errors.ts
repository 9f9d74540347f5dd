/** Errors of the store, matched by `name`. Each message is one line that names the folder. */

/** Another process runs on this data folder: two processes never share an identity. */
export class StoreLockedError extends Error {
  override name = 'StoreLockedError'
}

/** The folder holds another version of the format, or something that byzkit did not write. */
export class StoreFormatError extends Error {
  override name = 'StoreFormatError'
}

/** The folder cannot be used: not a folder, no permission, open to others, or damaged. */
export class StoreFolderError extends Error {
  override name = 'StoreFolderError'
}
