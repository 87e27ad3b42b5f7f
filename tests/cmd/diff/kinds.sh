# Each kind of profile.
diff() { profdiff -n 5 $TESTDATA/$1.pb.gz $TESTDATA/$2.pb.gz; }
diff checkout.before.allocs checkout.after.allocs
diff leaky.heap.t0 leaky.heap.t3
diff leaky.goroutine.t0 leaky.goroutine.t3
diff contend.mutex contend.mutex
diff contend.block contend.block
