/** At length: see test/extent.ts. */
import './liars.test.ts'
