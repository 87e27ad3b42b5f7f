# A tree with odd names, links, a pipe and the archive itself.
mkdir -p t/b t/'sp ace' t/$'new\nline' t/$'not\xff utf8' t/'quo"te' t/-dash
for d in b 'sp ace' $'new\nline' $'not\xff utf8' 'quo"te' -dash; do
	echo "main;$((++n)) 5" >"t/$d/a,b=c:d.folded"
done
(cd t && mkfifo pipe && ln -s . loop && ln -s .. b/up && ln -s b linked && ln -s nowhere gone)
ln -s b/a,b=c:d.folded t/file.folded
echo none >$'t/new\nline/\e[31m.txt'
for i in 1 2; do
	prof archive add t/n.db t
	echo "status $?"
done
prof archive ls --json t/n.db | grep -o '"source": "[^{]*'
prof archive add o.db t/b t/linked; echo "status $?"
prof archive ls t/n.db 'source="t/b/a,b=c:d.folded"'; echo "status $?"
prof archive ls t/n.db 'source="t/file.folded", type=samples' | wc -l
# Paths that do not match are told; an expression without a name is a mistake.
mkdir l && cp testdata/leaky.heap.t0.pb.gz l/r1.pb.gz && echo 'a;b 1' >l/other.folded
prof archive add --json --labels-from='(?P<rev>r[0-9]+)' l.db l; echo "status $?"
prof archive add --labels-from='r[0-9]+' l.db l; echo "status $?"
# What has no time is in no span of time, what has no build has none.
prof archive ls l.db since=1990-01-01 | tail -n +2 | wc -l
prof archive ls l.db until=2260-01-01 | tail -n +2 | wc -l
prof archive ls l.db build= | tail -n +2
