# profdiff is prof diff; -diff is too.
a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff $a $b >want
prof diff $a $b | cmp - want && echo same
prof -diff $a $b | cmp - want && echo same
profdiff - $b <$a | grep -v ^old | cmp - <(grep -v ^old want) && echo same from standard input
