/** At length: see test/extent.ts. */
import './perfect-failure-detector.test.ts'
