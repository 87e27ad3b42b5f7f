prof convert --to=csv $TESTDATA/leaky.goroutine.t0.pb.gz
prof convert --to=csv --lines $TESTDATA/contend.mutex.pb.gz | head -n 3
