/** At length: see test/extent.ts. */
import './press.test.ts'
