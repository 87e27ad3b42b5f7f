prof top --cum -n 8 $TESTDATA/checkout.before.cpu.pb.gz
