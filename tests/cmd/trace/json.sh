# The document has its keys; gzip'd and through a pipe it is the same.
prof trace summary --json $TESTDATA/annotations.trace | tee doc | json -k ''
json block.sleep.count goroutine_state_ns.Running rows.0.what damage <doc
gzip -c $TESTDATA/annotations.trace | prof trace summary --json - | cmp - doc && echo same
prof trace summary --json - <$TESTDATA/annotations.trace | cmp - doc && echo same
