# What is whole counts; the cut is told, by the status too.
zcat testdata/leaky.goroutine.t3.debug2.txt.gz | head -c 100000 >cut
prof leak --every=1m testdata/leaky.goroutine.t0.debug2.txt.gz cut
