prof tags $TESTDATA/leaky.goroutine.t3.pb.gz
prof tags $TESTDATA/leaky.heap.t3.pb.gz
prof tags $TESTDATA/contend.mutex.pb.gz
