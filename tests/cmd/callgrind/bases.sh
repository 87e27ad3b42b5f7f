# A callee whose values cancel out has no name.
prof callgrind --diff_base=$TESTDATA/leaky.goroutine.t0.pb.gz $TESTDATA/leaky.goroutine.t3.pb.gz
prof callgrind --base=$TESTDATA/leaky.heap.t0.pb.gz --drop_negative $TESTDATA/leaky.heap.t3.pb.gz | head -n 60
