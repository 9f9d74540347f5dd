/** At length: see test/extent.ts. */
import './damage.test.ts'
