prof info $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz
prof info - <$TESTDATA/contend.mutex.pb.gz | head -2
prof info; echo "$?"
