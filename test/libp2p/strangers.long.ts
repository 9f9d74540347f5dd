/** At length: see test/extent.ts. */
import './strangers.test.ts'
