# Go 1.19
prof top -n 12 $TESTDATA/go1.19.checkout.before.cpu.pb.gz
