profdiff -n 5 testdata/leaky.goroutine.t0.debug2.txt.gz testdata/leaky.goroutine.t3.debug2.txt.gz
