# Other types, and the same type of another program.
profdiff -n 2 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/leaky.heap.t3.pb.gz; echo "$?"
profdiff -n 2 $TESTDATA/contend.mutex.pb.gz $TESTDATA/contend.block.pb.gz; echo "$?"
profdiff -n 2 $TESTDATA/leaky.heap.t3.pb.gz $TESTDATA/checkout.before.allocs.pb.gz; echo "$?"
profdiff -n 2 $TESTDATA/go1.19.checkout.before.cpu.pb.gz $TESTDATA/checkout.before.cpu.pb.gz; echo "$?"
