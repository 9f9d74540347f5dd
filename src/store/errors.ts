/** Errors of the store, matched by `name`. Each message is one line that names the folder or the database. */

/** Another process runs on this data folder: two processes never share an identity. */
export class StoreLockedError extends Error {
  override name = 'StoreLockedError'
}

/** The folder holds another version of the format, or something that byzkit did not write. */
export class StoreFormatError extends Error {
  override name = 'StoreFormatError'
}

/** The folder cannot be used: not a folder, no permission, or open to others. */
export class StoreFolderError extends Error {
  override name = 'StoreFolderError'
}

/** Something that was written is missing or changed: the member has forgotten, and must not speak again. */
export class StoreDamagedError extends Error {
  override name = 'StoreDamagedError'
}

/** A write or its sync failed: nobody knows what the disk holds now, and the member stops. */
export class StoreWriteError extends Error {
  override name = 'StoreWriteError'
}
