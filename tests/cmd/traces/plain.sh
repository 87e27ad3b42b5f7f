prof traces $TESTDATA/leaky.heap.t0.pb.gz
prof traces --lines $TESTDATA/leaky.goroutine.t0.pb.gz
