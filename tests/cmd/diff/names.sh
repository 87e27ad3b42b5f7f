# profdiff is prof diff; -diff is too.
a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff $a $b >want
prof diff $a $b | cmp - want && echo same
prof -diff $a $b | cmp - want && echo same
profdiff -n 30 - $b <$a | tail -n +4 | cmp - <(tail -n +4 want) && echo same from standard input
