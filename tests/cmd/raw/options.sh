f=$TESTDATA/leaky.heap.t0.pb.gz
prof raw --noinlines --focus=main --tagshow=nothing $f
prof raw --tagroot=bytes,who --tagleaf=bytes --hide=runtime --unit=kb $f
prof raw --lines --cum -n 1 --nodefraction=1 --sample_index=0 $f | cmp - <(prof raw $f)
