/** At length: see test/extent.ts. */
import './models.test.ts'
