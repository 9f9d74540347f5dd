/** At length: see test/extent.ts. */
import './useless-frames.test.ts'
