# A plain file, and one of two gzip members cut inside a message.
f=$TESTDATA/checkout.before.cpu.pb.gz
gzip -dc $f >plain
prof top plain | cmp - <(prof top $f) && echo same when not compressed
{ head -c 3001 plain | gzip -n; tail -c +3002 plain | gzip -n; } >two
prof top two | cmp - <(prof top $f) && echo same in two members
