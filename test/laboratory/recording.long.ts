/** At length: see test/extent.ts. */
import './recording.test.ts'
