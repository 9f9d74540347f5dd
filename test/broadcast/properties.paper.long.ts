/** At length: see test/extent.ts. */
import './properties.paper.test.ts'
