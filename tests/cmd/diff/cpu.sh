profdiff -n 12 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz
