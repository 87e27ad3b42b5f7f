# A trace and the log of the same run tell the same cycles; a log rounds.
prof gc $TESTDATA/gc.trace
prof gc --json $TESTDATA/gc.trace | json sources.0 segments.0 cycles.0 cycles.3
cat $TESTDATA/gc.trace.log
# Nothing of the collector in it.
prof gc $TESTDATA/annotations.trace; echo "$?"
