prof gc --json $TESTDATA/gcpace.gogc100.log >doc
json -k '' sources.0 segments.0 summary summary.pauses model findings.0 findings.0.evidence phases.0 cycles.0 <doc
json schema sources.0 segments.0 summary model phases.1 cycles cycles.0 cycles.102 <doc
prof gc --json $TESTDATA/gcpace.limit.log | json sources.0 model cycles.4
