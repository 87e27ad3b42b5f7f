prof top $TESTDATA/checkout.before.cpu.pb.gz
