prof raw $TESTDATA/contend.mutex.pb.gz
prof raw --all_frames $TESTDATA/leaky.goroutine.t0.pb.gz
