for by in functions filefunctions files lines addresses noinlines "lines --noinlines" "lines --showcolumns"; do
	echo "== --$by"
	prof top -n 8 --$by $TESTDATA/nethttp.mem.pb.gz
done
