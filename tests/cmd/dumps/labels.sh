# The labels that are libprof's own filter and group, and go out only when asked.
f=testdata/leaky.goroutine.t3.debug2.txt.gz
prof top -n 3 --tagfocus=prof::leaked=true $f
prof top -n 4 --tagroot=prof::state $f
prof convert -o plain.pb.gz $f && prof tags plain.pb.gz
