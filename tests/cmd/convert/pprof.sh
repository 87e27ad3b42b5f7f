# Written and read again it is the same; compressed or not; and the same bytes each time.
for f in checkout.after.cpu contend.block leaky.goroutine.t3 leaky.heap.t3 nethttp.mem go1.19.checkout.before.cpu; do
	in=$TESTDATA/$f.pb.gz
	prof convert -o out.pb.gz $in
	prof convert -o out.pb $in
	cmp <(prof raw $in) <(prof raw out.pb.gz) && cmp <(prof raw $in) <(prof raw out.pb) && echo "$f: same"
	prof convert --to=pprof out.pb | cmp - out.pb.gz && gzip -dc out.pb.gz | cmp - out.pb
done
head -c 8 out.pb.gz | od -An -tx1
