# What cancels out has no block, and stays a caller or callee of others. Nothing collapses with diff_base.
a=$TESTDATA/leaky.goroutine.t0.pb.gz b=$TESTDATA/leaky.goroutine.t3.pb.gz
prof tree --base=$b $a
prof tree --diff_base=$b --drop_negative $a
prof tree --diff_base=$b --normalize $a | head -n 12
