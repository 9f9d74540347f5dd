/** Simulated runs in a process of their own: run by simulator.ts. */
import { run } from '../../laboratory/run.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { TraceDigest } from '../../simulator/digest.ts'
import { obeyParent } from './children.ts'
import type { SimulatorCommand, SimulatorReport } from './simulator.ts'
import { readUsage, startUsage } from './usage.ts'

const CONFIG: RunConfig = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'ideal',
  crypto: 'symbolic',
  signedSend: false
}

function obey({ firstSeed, runs }: SimulatorCommand): SimulatorReport {
  startUsage()
  const began = performance.now()
  const digest = new TraceDigest()
  let messages = 0
  let violations = 0
  for (let i = 0; i < runs; i++) {
    const outcome = run(CONFIG, firstSeed + i)
    digest.addText(outcome.digest)
    messages += outcome.messages
    violations += outcome.violations.length
  }
  return {
    messages,
    violations,
    digest: digest.hex(),
    elapsedMs: performance.now() - began,
    usage: readUsage()
  }
}

obeyParent(obey)
