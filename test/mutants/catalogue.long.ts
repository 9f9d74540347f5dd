/** At length: see test/extent.ts. */
import './catalogue.test.ts'
