f=$TESTDATA/checkout.before.cpu.pb.gz
prof top - <$f | cmp - <(prof top $f) && echo same from a file
cat $f | prof top - | cmp - <(prof top $f) && echo same from a pipe
gzip -dc $f | prof top - | cmp - <(prof top $f) && echo same when not compressed
echo nonsense | prof top -; echo "$?"
