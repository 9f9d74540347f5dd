/** When this process's own clock began, by the one that all processes of a machine share, milliseconds. */
export const clockOriginMs = (): number => Number(process.hrtime.bigint()) / 1e6 - performance.now()
