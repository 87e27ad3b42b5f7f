for f in checkout.after.cpu checkout.after.allocs go1.19.checkout.before.cpu leaky.goroutine.t3 contend.mutex nethttp.mem; do
	prof info $TESTDATA/$f.pb.gz
done
