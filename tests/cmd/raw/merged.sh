# Duplicates become one; what only cancelled samples used is left behind, and ids are handed out anew.
a=$TESTDATA/leaky.goroutine.t0.pb.gz b=$TESTDATA/leaky.goroutine.t3.pb.gz
prof raw $a $b
prof raw --base=$a $b
prof raw --base=$a $a
