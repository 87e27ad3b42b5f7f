prof info --json $TESTDATA/checkout.after.cpu.pb.gz >doc && json schema <doc && json -k '' <doc
cat doc
