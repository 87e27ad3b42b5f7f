f=$TESTDATA/leaky.heap.t0.pb.gz
while read -r args; do
	prof top $args $f; echo "$?: $args"
done <<'END'
--focus=(
--ignore=a**
--hide=a(?!b)
--show=\1
--show_from=[z-a]
--prune_from=a{1001}
--tagfocus=a(,b
--tagignore=16widgets
--tagfocus=bytes=1kb:2parsec
--tagfocus=99999999999999999999kb
--tagshow=(?P<x
--taghide=\p{Foo}
--sample_index=9
--sample_index=none
--divide_by=0
--divide_by=x
--unit=
--normalize
--base=a --diff_base=b
--base=nothing
END
