f=$TESTDATA/checkout.before.cpu.pb.gz
profdiff; echo "$?"
profdiff $f; echo "$?"
profdiff $f $f $f; echo "$?"
profdiff $f no/such/file; echo "$?"
profdiff no/such/file $f; echo "$?"
profdiff - - <$f; echo "$?"
profdiff --cmu $f $f; echo "$?"
