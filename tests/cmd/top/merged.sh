a=$TESTDATA/leaky.heap.t0.pb.gz b=$TESTDATA/leaky.heap.t3.pb.gz
prof top $a $b
prof top -n 5 $TESTDATA/go1.19.checkout.before.cpu.pb.gz $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz
prof top $a $TESTDATA/contend.mutex.pb.gz; echo "$?"
prof top $a $TESTDATA/nothing; echo "$?"
prof top --base=$TESTDATA/contend.mutex.pb.gz $a; echo "$?"
