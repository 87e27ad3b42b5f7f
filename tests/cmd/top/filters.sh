f=$TESTDATA/checkout.after.cpu.pb.gz
prof top --focus='main\.' --ignore='encodeReceipt' -n 5 $f
prof top --hide='^runtime\.|mapaccess' --relative_percentages -n 5 $f
prof top --show='main\.' --show_from=process -n 5 $f
prof top --prune_from='main\.score|malloc' --cum -n 5 --files $f
prof top --tagfocus=bytes=64b:4kb --tagignore=bytes=1kb -n 4 $TESTDATA/nethttp.mem.pb.gz
prof top --tagfocus=tenant=t1,t2 --tagroot=tenant --tagleaf=endpoint --cum -n 4 $TESTDATA/leaky.goroutine.t3.pb.gz
