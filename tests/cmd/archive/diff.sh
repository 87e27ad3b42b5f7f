# The profiles that a query names are runs of a comparison; reports merge them.
for i in 1 2 3 4; do
	printf 'main;parse %d\nmain;send 1000\n' $((500 + i)) >a$i.folded
	prof archive add -q -l service=shop -l rev=a --time 2026-01-0$i n.db a$i.folded >/dev/null
	printf 'main;parse %d\nmain;send 1000\n' $((700 + i)) >b$i.folded
	prof archive add -q -l service=shop -l rev=b --time 2026-02-0$i n.db b$i.folded >/dev/null
done
profdiff n.db:rev=a n.db:rev=b | head -3
profdiff n.db:rev=a,latest n.db:rev=b,latest | grep '^old\|^new'
profdiff n.db:rev=a n.db:rev=nosuch; echo "status $?"
prof top n.db:rev=a | tail -3
prof merge -o all.pb.gz n.db:all && prof info all.pb.gz | tail -1
echo '== as files are'
what() { profdiff --json "$@" | grep -v '^"old"\|^"new"'; }
what n.db:rev=a n.db:rev=b >of.db; what a?.folded --new b?.folded | cmp - of.db && grep -c '"finding": true' of.db
what a?.folded --new n.db:rev=b | cmp - of.db && echo mixed
profdiff --ops 1,1 --fail-on 'func:parse>30%' n.db:rev=a --new n.db:rev=b >/dev/null; echo "status $?"
